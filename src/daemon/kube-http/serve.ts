import { createServer as createHttp1 } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createServer as createTls, type TLSSocket } from 'node:tls'
import type { ApiHandler, Log } from '../../kube/api/index.ts'
import { h1Exchange } from './h1-exchange.ts'
import { h2Exchange } from './h2-exchange.ts'
import { upgrade } from './upgrade.ts'

export interface ServeOptions {
  readonly handle: ApiHandler
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** In PEM. */
  readonly key: string
  readonly certificate: string
  /** Client certificates that it signed say who a client is. */
  readonly clientCa: string
  readonly log: Log
}

export interface Served extends AsyncDisposable {
  readonly port: number
}

const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
].join(':')

/** Serves the API over TLS with HTTP/2, and with HTTP/1.1 for those who want that. */
export async function serve({ handle, host, port, key, certificate, clientCa, log }: ServeOptions): Promise<Served> {
  const failed = (error: unknown) => log.error({ err: error }, 'an answer could not be sent')
  const http2 = createHttp2({
    settings: {
      maxConcurrentStreams: 1000,
      initialWindowSize: 256 * 1024,
      enablePush: false,
      maxHeaderListSize: 64 * 1024,
    },
    maxSessionMemory: 512,
  })
  http2.on('stream', (stream, headers, flags) => void h2Exchange(handle, stream, headers, flags).catch(failed))
  http2.on('sessionError', (error: Error) => log.debug({ err: error }, 'a connection broke'))
  const http1 = createHttp1({
    headersTimeout: 32_000,
    requestTimeout: 0,
    keepAliveTimeout: 90_000,
    maxHeaderSize: 64 * 1024,
  })
  http1.on('request', (request, response) => void h1Exchange(handle, request, response).catch(failed))
  http1.on('upgrade', (message, socket, head) => void upgrade(handle, message, socket, head, log).catch(failed))
  const sockets = new Set<TLSSocket>()
  const tls = createTls({
    key,
    cert: certificate,
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
    // The faster of the strong ones first, as Go's servers choose.
    ciphers,
    honorCipherOrder: true,
    handshakeTimeout: 15_000,
  })
  tls.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', (error) => log.debug({ err: error }, 'a connection broke'))
    socket.setNoDelay(true)
    if (socket.alpnProtocol === 'h2') http2.emit('connection', socket)
    else http1.emit('connection', socket)
  })
  tls.on('tlsClientError', (error) => log.debug({ err: error }, 'a TLS handshake failed'))
  await new Promise<void>((resolve, reject) => {
    tls.once('error', reject)
    tls.listen({ host, port }, () => {
      tls.off('error', reject)
      resolve()
    })
  })
  return {
    port: (tls.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => tls.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
