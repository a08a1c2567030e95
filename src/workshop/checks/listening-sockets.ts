import { DockerApiError, type DockerEndpoint } from '../docker/endpoint.ts'

function ipv4(hex: string): string {
  const bytes = hex.match(/../g) ?? []
  return bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')
}

function addressOf(hex: string): string {
  if (hex.length === 8) return ipv4(hex)
  if (/^0{32}$/.test(hex)) return '0.0.0.0'
  if (/^0{24}01000000$/.test(hex)) return '127.0.0.1'
  return '[ipv6]'
}

/** Listening TCP sockets of /proc/net/tcp and tcp6 as `address:port`; `::` counts as 0.0.0.0, ::1 as 127.0.0.1. */
export function parseProcNetTcp(text: string): string[] {
  const sockets = text.split('\n').flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/)
    const [hex, port] = local?.split(':') ?? []
    // 0A is TCP_LISTEN in the kernel's table.
    return hex && port && state === '0A' ? [`${addressOf(hex)}:${Number.parseInt(port, 16)}`] : []
  })
  return [...new Set(sockets)]
}

/** Asks inside the container: any engine can do that, no engine tells it otherwise. Empty where the image has no cat. */
export async function listeningSockets(endpoint: DockerEndpoint, container: string): Promise<string[]> {
  let output: Buffer
  try {
    const { Id } = await endpoint.call<{ Id: string }>('POST', `/containers/${container}/exec`, {
      AttachStdout: true,
      Tty: true,
      Cmd: ['cat', '/proc/net/tcp', '/proc/net/tcp6'],
    })
    output = await endpoint.bytes('POST', `/exec/${Id}/start`, { Detach: false, Tty: true })
  } catch (error) {
    // It has ended or gone meanwhile: nobody listens in it.
    if (error instanceof DockerApiError && (error.status === 404 || error.status === 409)) return []
    throw error
  }
  const parsed = parseProcNetTcp(output.toString())
  // Docker's own resolver listens in every container of a user network; it is not the learner's program.
  return parsed.filter((socket) => !socket.startsWith('127.0.0.11:'))
}
