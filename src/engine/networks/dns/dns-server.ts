import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server, type Socket as TcpSocket } from 'node:net'
import type { Network as KernelNetwork, Log } from '../../../linux/index.ts'

export const dnsAddress = '127.0.0.11'

/** A query's bytes → the answer's bytes, or nothing where there is to be silence. */
export type Answer = (query: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined>

/** The name server that a container sees at 127.0.0.11. */
export class DnsServer implements AsyncDisposable {
  readonly #udp: Socket
  readonly #tcp: Server
  readonly #connections = new Set<TcpSocket>()

  constructor(kernel: KernelNetwork, namespace: string, answer: Answer, log: Log) {
    const warn = (error: Error) => log.warn({ err: error, namespace }, 'the name server of a container has failed')
    this.#udp = createSocket('udp4')
    this.#udp.on('error', warn)
    this.#udp.on('message', (query, client) => {
      answer(query, 'udp')
        .then((reply) => reply && this.#udp.send(reply, client.port, client.address))
        .catch(warn)
    })
    this.#udp.bind({ fd: kernel.openSocket(namespace, 'udp', dnsAddress, 53) })
    this.#udp.unref()
    this.#tcp = createServer((socket) => this.#serve(socket, answer, warn))
    this.#tcp.on('error', warn)
    this.#tcp.listen({ fd: kernel.openSocket(namespace, 'tcp', dnsAddress, 53) })
    this.#tcp.unref()
  }

  /** Over TCP each message has its length before it (RFC 1035, 4.2.2). */
  #serve(socket: TcpSocket, answer: Answer, warn: (error: Error) => void): void {
    this.#connections.add(socket)
    let pending = Buffer.alloc(0)
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE()) {
        const length = pending.readUInt16BE()
        const query = pending.subarray(2, 2 + length)
        pending = pending.subarray(2 + length)
        answer(query, 'tcp')
          .then((reply) => {
            if (!reply || socket.destroyed) return
            const head = Buffer.alloc(2)
            head.writeUInt16BE(reply.length)
            socket.write(Buffer.concat([head, reply]))
          })
          .catch(warn)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.destroy()
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(() => resolve())),
      new Promise<void>((resolve) => this.#tcp.close(() => resolve())),
    ])
  }
}
