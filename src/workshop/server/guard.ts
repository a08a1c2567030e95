import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const cookieName = 'manufacture'

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function cookieOf(request: IncomingMessage): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=')
    if (name === cookieName) return value
  }
  return undefined
}

export type Refusal = { status: 400 | 401 | 403; reason: string }

/** Who may come in: whoever has the token, from a page that this server itself has served, under a name of its own. */
export class Guard {
  readonly token: string
  /** host:port values that the Host header may have. Another name that leads here is DNS rebinding. */
  #hosts: Set<string>

  constructor(port: number, options: { token?: string; otherHosts?: readonly string[] } = {}) {
    this.token = options.token ?? randomBytes(24).toString('base64url')
    const names = ['localhost', '127.0.0.1', '[::1]', ...(options.otherHosts ?? [])]
    this.#hosts = new Set(names.map((name) => `${name}:${port}`))
  }

  /** The reason why a request gets nothing, or undefined. */
  refuse(request: IncomingMessage, upgrade = false): Refusal | undefined {
    const host = request.headers.host?.toLowerCase() ?? ''
    if (!this.#hosts.has(host)) return { status: 403, reason: 'this server is not known under that name' }
    const { origin } = request.headers
    if (origin !== undefined && origin !== `http://${host}`) return { status: 403, reason: 'cross-site request' }
    // A WebSocket of a browser always says where it comes from; a write without Origin comes from no page of ours.
    if (upgrade && origin === undefined) return { status: 403, reason: 'no Origin' }
    const site = request.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      return { status: 403, reason: 'cross-site request' }
    }
    return undefined
  }

  /** Whether the cookie, or a bearer token, is the right one. */
  knows(request: IncomingMessage): boolean {
    const cookie = cookieOf(request)
    if (cookie !== undefined && same(cookie, this.token)) return true
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    return bearer !== undefined && same(bearer, this.token)
  }

  /** Whether the link's token is the right one. */
  accepts(token: string | null): boolean {
    return token !== null && same(token, this.token)
  }

  setCookie(): string {
    return `${cookieName}=${this.token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`
  }
}

/** No other host, no inline script, no frame around this page; frames in it show the learner's own ports. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    'frame-src http://localhost:* http://127.0.0.1:*',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}
