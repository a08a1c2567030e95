import type { TLSSocket } from 'node:tls'
import type { Client } from '../../kube/api/index.ts'

const known = new WeakMap<TLSSocket, Client>()

/** Who is at the other end, as far as TLS tells: worked out once per connection. */
export function clientOf(socket: TLSSocket): Client {
  let client = known.get(socket)
  if (!client) {
    client = { address: socket.remoteAddress ?? '', ...certificateOf(socket) }
    known.set(socket, client)
  }
  return client
}

function certificateOf(socket: TLSSocket): Pick<Client, 'certificate'> {
  if (!socket.authorized) return {}
  const { subject, fingerprint256 } = socket.getPeerCertificate()
  if (!subject) return {}
  const all = (value: string | string[] | undefined) =>
    value === undefined ? [] : Array.isArray(value) ? value : [value]
  const [commonName = ''] = all(subject.CN)
  return {
    certificate: {
      commonName,
      organizations: all(subject.O),
      id: `X509SHA256=${fingerprint256.replaceAll(':', '').toLowerCase()}`,
    },
  }
}
