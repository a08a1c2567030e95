import { isIP } from 'node:net'

/** A connection that could not be had, or that broke; the message is the one that Go's net/http gives. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  /** nobody answered at all: no such host, connection refused, no route, timeout */
  readonly unreachable: boolean
  readonly code: string | undefined

  constructor(request: { readonly method: string; readonly url: URL }, cause: unknown) {
    const reason = describe(request.url, cause)
    const verb = request.method.charAt(0) + request.method.slice(1).toLowerCase()
    super(`${verb} "${request.url.href}": ${reason}`, { cause })
    this.code = codeOf(cause)
    this.unreachable = this.code !== undefined && unreachableCodes.has(this.code)
  }
}

const unreachableCodes = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
])

function codeOf(cause: unknown): string | undefined {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0])
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : undefined
}

function describe(url: URL, cause: unknown): string {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const first = cause instanceof AggregateError ? cause.errors[0] : cause
  const address = first instanceof Error && 'address' in first ? String(first.address) : host
  const dialed = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
  switch (codeOf(cause)) {
    case 'ENOTFOUND':
      return `dial tcp: lookup ${host}: no such host`
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${host}: Temporary failure in name resolution`
    case 'ECONNREFUSED':
      return `dial tcp ${dialed}: connect: connection refused`
    case 'ENETUNREACH':
      return `dial tcp ${dialed}: connect: network is unreachable`
    case 'EHOSTUNREACH':
      return `dial tcp ${dialed}: connect: no route to host`
    case 'ETIMEDOUT':
      return 'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)'
    case 'ECONNRESET':
      return 'EOF'
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'http: server gave HTTP response to HTTPS client'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
    case 'CERT_HAS_EXPIRED':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'
    default:
      return cause instanceof Error ? cause.message : String(cause)
  }
}
