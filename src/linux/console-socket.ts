/**
 * The socket at which the runtime hands over a terminal (a descriptor in an SCM_RIGHTS message, unix(7)). The runtime
 * has connected and sent before it reports the program's start, so that `receive` afterwards need not wait.
 */
import { rmSync } from 'node:fs'
import koffi from 'koffi'
import { AF, bind, checked, close, listen, SOCK, socket, unixAddress } from './libc.ts'

const libc = koffi.load(null)
const iovec = koffi.struct('iovec', { base: 'uint8_t *', length: 'size_t' })
const msghdr = koffi.struct('msghdr', {
  name: 'void *',
  nameLength: 'uint',
  iov: koffi.pointer(iovec),
  iovLength: 'size_t',
  control: 'uint8_t *',
  controlLength: 'size_t',
  flags: 'int',
})
const recvmsg = libc.func('recvmsg', 'long', ['int', koffi.inout(koffi.pointer(msghdr)), 'int'])
const accept4 = libc.func('int accept4(int, void *, void *, int)')

const MSG_CMSG_CLOEXEC = 0x40000000
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SCM_RIGHTS = 1

export class ConsoleSocket implements Disposable {
  readonly path: string
  readonly #fd: number

  constructor(path: string) {
    this.path = path
    this.#fd = socket(AF.UNIX, SOCK.STREAM)
    try {
      bind(this.#fd, unixAddress(path), path)
      listen(this.#fd, 1)
    } catch (error) {
      close(this.#fd)
      throw error
    }
  }

  /** The terminal's other end; the caller owns it. */
  receive(): number {
    const connection = checked(accept4(this.#fd, null, null, SOCK_CLOEXEC), 'accept4', this.path)
    try {
      const data = Buffer.alloc(4096)
      const control = Buffer.alloc(24)
      const message = {
        name: null,
        nameLength: 0,
        iov: [{ base: data, length: data.length }],
        iovLength: 1,
        control,
        controlLength: control.length,
        flags: 0,
      }
      checked(Number(recvmsg(connection, message, MSG_CMSG_CLOEXEC)), 'recvmsg', this.path)
      if (control.readInt32LE(8) !== SOL_SOCKET || control.readInt32LE(12) !== SCM_RIGHTS) {
        throw new Error('Cannot take over a terminal: the runtime has sent none')
      }
      return control.readInt32LE(16)
    } finally {
      close(connection)
    }
  }

  [Symbol.dispose](): void {
    close(this.#fd)
    rmSync(this.path, { force: true })
  }
}
