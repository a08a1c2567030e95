/**
 * A netlink socket and its messages (netlink(7), rtnetlink(7)). The kernel answers within send(2), so requests are
 * plain synchronous calls.
 *
 *   nlmsghdr   length u32 · type u16 · flags u16 · sequence u32 · port u32
 *   payload    a fixed header for the type, then attributes: length u16 · type u16 · bytes · padding to 4
 */
import { AF, bind, close, receive, SOCK, send, socket } from './libc.ts'
import { SystemError } from './system-error.ts'

export const NLM_F = { REQUEST: 1, ACK: 4, DUMP: 0x300, REPLACE: 0x100, EXCL: 0x200, CREATE: 0x400 } as const
const NLMSG_ERROR = 2
const NLMSG_DONE = 3

const padded = (length: number) => (length + 3) & ~3

export function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(padded(4 + value.length))
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(value, 4)
  return bytes
}

export const nested = (type: number, ...parts: Buffer[]): Buffer => attribute(type, Buffer.concat(parts))

export const text = (type: number, value: string): Buffer => attribute(type, Buffer.from(`${value}\0`))

export function u32(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value, 0)
  return attribute(type, bytes)
}

/** Attributes by type; the values are views. */
export function attributes(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) break
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += padded(length)
  }
  return found
}

/** One for all: a reply is copied out before anything else runs. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024)

export class Netlink implements Disposable {
  readonly #fd: number
  #sequence = 0

  /** The socket belongs for ever to the network namespace that the calling thread is in now. */
  constructor(protocol = 0) {
    this.#fd = socket(AF.NETLINK, SOCK.RAW, protocol)
    const address = Buffer.alloc(12)
    address.writeUInt16LE(AF.NETLINK, 0)
    try {
      bind(this.#fd, address, 'a netlink socket')
    } catch (error) {
      close(this.#fd)
      throw error
    }
  }

  /** Waits for the kernel's acknowledgement; throws its error. `subject` names what it was about. */
  request(type: number, flags: number, payload: Buffer[], subject: string): void {
    this.#send(type, flags | NLM_F.ACK, payload)
    for (const _ of this.#replies(subject));
  }

  /** Payloads of every object of a kind, copied. */
  dump(type: number, payload: Buffer[], subject: string): Buffer[] {
    this.#send(type, NLM_F.DUMP, payload)
    return [...this.#replies(subject)]
  }

  #send(type: number, flags: number, payload: Buffer[]): void {
    const length = payload.reduce((sum, part) => sum + part.length, 16)
    const header = Buffer.alloc(16)
    header.writeUInt32LE(length, 0)
    header.writeUInt16LE(type, 4)
    header.writeUInt16LE(flags | NLM_F.REQUEST, 6)
    header.writeUInt32LE(++this.#sequence, 8)
    send(this.#fd, Buffer.concat([header, ...payload], length))
  }

  *#replies(subject: string): Generator<Buffer, void, undefined> {
    for (;;) {
      const datagram = receive(this.#fd, buffer)
      for (let at = 0; at + 16 <= datagram.length; ) {
        const length = datagram.readUInt32LE(at)
        const type = datagram.readUInt16LE(at + 4)
        const ours = datagram.readUInt32LE(at + 8) === this.#sequence
        const body = datagram.subarray(at + 16, at + length)
        at += padded(length)
        if (!ours) continue
        if (type === NLMSG_DONE) return
        if (type === NLMSG_ERROR) {
          const errno = -body.readInt32LE(0)
          if (errno !== 0) throw new SystemError('netlink', errno, subject)
          return
        }
        yield Buffer.from(body)
      }
    }
  }

  [Symbol.dispose](): void {
    close(this.#fd)
  }
}
