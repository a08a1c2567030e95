export interface Port {
  port: number
  protocol: 'tcp' | 'udp' | 'sctp'
}

/** `80/tcp`, `80`. Undefined where it is no single port. */
export function parsePort(text: string): Port | undefined {
  const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(text)
  const port = Number(match?.[1])
  if (!match || port < 1 || port > 65535) return undefined
  return { port, protocol: (match[2]?.toLowerCase() ?? 'tcp') as Port['protocol'] }
}

/** `8000`, `8000-8010`. */
export function parsePortRange(text: string): { first: number; last: number } | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  if (!match) return undefined
  const first = Number(match[1])
  const last = match[2] === undefined ? first : Number(match[2])
  return first <= last && last <= 65535 ? { first, last } : undefined
}

export const portKey = ({ port, protocol }: Port) => `${port}/${protocol}`
