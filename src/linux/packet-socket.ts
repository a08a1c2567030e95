/**
 * conmon's attach socket is a SOCK_SEQPACKET, which Node does not open: it looks at a descriptor's type when it wraps
 * it, and never again. So Node wraps one end of a stream socket pair, and the packet socket is then put in its place
 * under the same number (docs/decisions/attach-socket.md). From there on each read is one packet, and so is each write.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import { AF, close, connect, dupOver, SOCK, socket, socketpair, unixAddress } from './libc.ts'

const O_NONBLOCK = 0o4000

export interface PacketSocket {
  /** Paused; nothing is read before the first listener for data. */
  readonly socket: Socket
  /**
   * Packets that are still there when the end was read; call it while `end` is emitted. The kernel looks into the queue
   * first and at the peer's state second: packets that come between the two looks are behind an end of file that is not
   * yet one. The second end is true, for nobody writes any more.
   */
  rest(): Buffer[]
}

const largestPacketBytes = 64 * 1024

export function connectPacketSocket(path: string): PacketSocket {
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
    return {
      socket: wrapped,
      rest() {
        const packets: Buffer[] = []
        for (;;) {
          const buffer = Buffer.allocUnsafe(largestPacketBytes)
          const length = readSync(ours, buffer)
          if (length === 0) return packets
          packets.push(Buffer.from(buffer.subarray(0, length)))
        }
      },
    }
  } finally {
    close(fd)
  }
}
