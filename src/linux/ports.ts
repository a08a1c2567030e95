/**
 * Holds ports of the host. A port is held by listening on it, so that nobody else can have it and a busy one is
 * refused. nftables rewrites connections to a published port before they come here, so nothing is copied; what it does
 * not see (::1 and other IPv6 addresses of the host, with a container that has IPv4 only) is copied by this process.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net'
import type { PortFailure, PortReservation, Ports } from './contract.ts'

type Target = { address: string; port: number }

const codes = ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'] as const

export class PortError extends Error implements PortFailure {
  override readonly name = 'PortError'
  readonly code: PortFailure['code']

  constructor(code: PortFailure['code'], message: string) {
    super(message)
    this.code = code
  }
}

function portFailure(error: unknown, subject: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const known = codes.find((candidate) => candidate === code)
  return known === undefined ? error : new PortError(known, `Cannot hold the port ${subject}: ${known}`)
}

class TcpReservation implements PortReservation {
  readonly port: number
  readonly #server: Server
  readonly #connections = new Set<Socket>()
  #target: Target | null = null

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
    server.on('connection', (socket) => this.#copy(socket))
  }

  static async open(address: string, port: number): Promise<TcpReservation> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
    server.listen({ host: address, port, exclusive: true, ipv6Only: isIPv6(address) })
    await once(server, 'listening')
    server.unref()
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('Cannot tell which port is held')
    return new TcpReservation(server, bound.port)
  }

  forwardTo(target: Target | null): void {
    this.#target = target
  }

  #copy(client: Socket): void {
    if (this.#target === null) {
      client.destroy()
      return
    }
    const upstream = connect({ host: this.#target.address, port: this.#target.port, allowHalfOpen: true })
    for (const socket of [client, upstream]) {
      this.#connections.add(socket)
      socket.once('close', () => this.#connections.delete(socket))
    }
    client.pipe(upstream)
    upstream.pipe(client)
    // Each direction ends by itself; a failure of one side is passed on as the end of the other.
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.resetAndDestroy())
    client.on('close', () => upstream.destroy())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#connections) socket.destroy()
    await closed
  }
}

/** A client of a datagram port has no end: its way back is forgotten after this. */
const udpIdleMs = 90_000

class UdpReservation implements PortReservation {
  readonly port: number
  readonly #socket: UdpSocket
  readonly #clients = new Map<string, { upstream: UdpSocket; idle: NodeJS.Timeout }>()
  #target: Target | null = null

  private constructor(socket: UdpSocket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (message, from) => this.#copy(message, from))
    // An ICMP "port unreachable" to a datagram of ours arrives as an error of the next call; datagrams may be lost.
    socket.on('error', () => undefined)
  }

  static async open(address: string, port: number): Promise<UdpReservation> {
    const v6 = isIPv6(address)
    const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', ipv6Only: v6 })
    const listening = once(socket, 'listening')
    socket.bind({ address, port, exclusive: true })
    await listening
    socket.unref()
    return new UdpReservation(socket)
  }

  forwardTo(target: Target | null): void {
    this.#target = target
    for (const key of [...this.#clients.keys()]) this.#forget(key)
  }

  #copy(message: Buffer, from: RemoteInfo): void {
    const target = this.#target
    if (target === null) return
    const key = `${from.address} ${from.port}`
    let client = this.#clients.get(key)
    if (client === undefined) {
      const upstream = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4')
      upstream.on('message', (answer) => this.#socket.send(answer, from.port, from.address))
      upstream.on('error', () => this.#forget(key))
      client = { upstream, idle: setTimeout(() => this.#forget(key), udpIdleMs).unref() }
      upstream.unref()
      this.#clients.set(key, client)
    }
    client.idle.refresh()
    client.upstream.send(message, target.port, target.address)
  }

  #forget(key: string): void {
    const client = this.#clients.get(key)
    if (client === undefined) return
    this.#clients.delete(key)
    clearTimeout(client.idle)
    client.upstream.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of [...this.#clients.keys()]) this.#forget(key)
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}

export const ports: Ports = {
  async reserve(protocol, address, port) {
    try {
      return await (protocol === 'tcp' ? TcpReservation.open(address, port) : UdpReservation.open(address, port))
    } catch (error) {
      throw portFailure(error, `${address}:${port}/${protocol}`)
    }
  },
}
