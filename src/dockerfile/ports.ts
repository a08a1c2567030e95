import { goQuote } from './characters.ts'
import { fault } from './syntax-error.ts'

export interface ExposedPorts {
  /** `80/tcp`, one for each port of a range. */
  readonly ports: readonly string[]
  readonly protocol: string
  /** An address or a port of the host stands before it, which means nothing to EXPOSE. */
  readonly mapped: boolean
}

function invalid(reason: string, text: string) {
  return fault(reason, { token: text, expected: '<port>[-<port>][/tcp|/udp|/sctp]' })
}

function portNumber(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = Number(text)
  return value >= 0 && value <= 65_535 ? value : undefined
}

function portRange(text: string): { first: number; last: number } | undefined {
  const dash = text.indexOf('-')
  const first = portNumber(dash < 0 ? text : text.slice(0, dash))
  const last = dash < 0 ? first : portNumber(text.slice(dash + 1))
  if (first === undefined || last === undefined || last < first) return undefined
  return { first, last }
}

function isAddress(text: string): boolean {
  const bytes = text.split('.')
  if (bytes.length === 4) return bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)
  return text.includes(':') && URL.canParse(`http://[${text}]/`)
}

/** Understands `[ip:][hostPort:]port[-port][/proto]` of EXPOSE. Throws a DockerfileError without a place. */
export function parseExposedPort(text: string): ExposedPorts {
  const parts = text.split(':')
  const container = parts.at(-1) ?? ''
  const hostPort = parts.length > 1 ? (parts.at(-2) ?? '') : ''
  const rawAddress = parts.slice(0, -2).join(':')
  const slash = container.indexOf('/')
  const port = slash < 0 ? container : container.slice(0, slash)
  const protocol = (slash < 0 ? '' : container.slice(slash + 1)) || 'tcp'
  if (port === '') throw invalid(`invalid port: ${goQuote(text)}: no port specified`, text)
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase()))
    throw invalid(`invalid port: ${goQuote(text)}: invalid proto: ${protocol}`, text)
  const address = rawAddress.replace(/^\[(.*)\]$/, '$1')
  if (address !== '' && !isAddress(address)) throw invalid(`invalid IP address: ${address}`, text)
  const range = portRange(port)
  if (!range) throw invalid(`invalid containerPort: ${port}`, text)
  if (hostPort !== '') {
    const hostRange = portRange(hostPort)
    if (!hostRange) throw invalid(`invalid hostPort: ${hostPort}`, text)
    if (range.last - range.first !== hostRange.last - hostRange.first && range.last !== range.first)
      throw invalid(`invalid ranges specified for container and host Ports: ${port} and ${hostPort}`, text)
  }
  const ports: string[] = []
  for (let number = range.first; number <= range.last; number++) ports.push(`${number}/${protocol.toLowerCase()}`)
  return { ports, protocol, mapped: rawAddress !== '' || hostPort !== '' }
}
