/**
 * conmon's attach socket is a SOCK_SEQPACKET, which Node does not open: it looks at a descriptor's type when it wraps
 * it, and never again. So Node wraps one end of a stream socket pair, and the packet socket is then put in its place
 * under the same number (docs/decisions/attach-socket.md). From there on each read is one packet, and so is each write.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import { AF, close, connect, dupOver, SOCK, socket, socketpair, unixAddress } from './libc.ts'

const O_NONBLOCK = 0o4000

/** Paused; nothing is read before the first listener for data. */
export function connectPacketSocket(path: string): Socket {
  const fd = socket(AF.UNIX, SOCK.SEQPACKET | O_NONBLOCK)
  try {
    // By the folder's descriptor, for the address of a socket has room for 107 bytes only.
    const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      connect(fd, unixAddress(`/proc/self/fd/${folder}/${basename(path)}`), path)
    } finally {
      closeSync(folder)
    }
    const [ours, other] = socketpair()
    const wrapped = new Socket({ fd: ours, readable: true, writable: true, allowHalfOpen: true })
    dupOver(fd, ours)
    close(other)
    return wrapped
  } finally {
    close(fd)
  }
}
