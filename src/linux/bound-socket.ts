import { addressBytes } from './ip-address.ts'
import { AF, bind, close, listen, SOCK, setSocketOption, socket } from './libc.ts'

const SOL_SOCKET = 1
const SO_REUSEADDR = 2

/** sockaddr_in or sockaddr_in6. */
export function socketAddress(address: string, port: number): { family: number; bytes: Buffer } {
  const ip = addressBytes(address)
  const family = ip.length === 4 ? AF.INET : AF.INET6
  const bytes = Buffer.alloc(ip.length === 4 ? 16 : 28)
  bytes.writeUInt16LE(family, 0)
  bytes.writeUInt16BE(port, 2)
  ip.copy(bytes, ip.length === 4 ? 4 : 8)
  return { family, bytes }
}

/** A descriptor in the calling thread's network namespace, bound, and listening where it is TCP. The caller closes it. */
export function openBoundSocket(protocol: 'udp' | 'tcp', address: string, port: number): number {
  const { family, bytes } = socketAddress(address, port)
  const fd = socket(family, protocol === 'udp' ? SOCK.DGRAM : SOCK.STREAM)
  try {
    if (protocol === 'tcp') setSocketOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
    bind(fd, bytes, `${address}:${port}`)
    if (protocol === 'tcp') listen(fd, 511)
    return fd
  } catch (error) {
    close(fd)
    throw error
  }
}
