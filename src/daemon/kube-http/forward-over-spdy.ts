import type { Duplex } from 'node:stream'
import type { Log, Upgrade } from '../../kube/api/index.ts'
import { SpdyConnection } from './spdy-connection.ts'
import type { SpdyStream } from './spdy-stream.ts'

type Forward = Extract<Upgrade, { kind: 'portforward' }>

/** Port forwarding: for each connection the client opens a stream `error` and a stream `data` of one request id. */
export function forwardOverSpdy(forward: Forward, socket: Duplex, head: Uint8Array, log: Log): void {
  const pairs = new Map<string, { error?: SpdyStream; data?: SpdyStream }>()
  const connection = new SpdyConnection(socket, head, (stream) => {
    const { streamtype: type, requestid: id = '' } = stream.headers
    if (type !== 'error' && type !== 'data') {
      connection.abort()
      return
    }
    const pair = pairs.get(id) ?? {}
    pairs.set(id, pair)
    pair[type] = stream
    const { error, data } = pair
    if (!error || !data) return
    pairs.delete(id)
    join(forward, connection, error, data).catch((reason: unknown) =>
      log.debug({ err: reason }, 'a forwarded connection broke'),
    )
  })
}

async function join(forward: Forward, connection: SpdyConnection, error: SpdyStream, data: SpdyStream): Promise<void> {
  const port = Number(data.headers.port)
  const failed = async (reason: unknown) => {
    await error.write(Buffer.from(`error forwarding port ${port}: ${(reason as Error).message}`))
  }
  try {
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`unable to parse port "${data.headers.port ?? ''}"`)
    const target = await forward.dial(port)
    connection.onClose(() => target.abort(new Error('the client is gone')))
    const out = (async () => {
      for await (const chunk of target.readable) await data.write(chunk)
      await data.end()
    })()
    const back = (async () => {
      for await (const chunk of data.readable) await target.write(chunk as Uint8Array)
      target.end()
    })()
    await Promise.all([out, back])
  } catch (reason) {
    await failed(reason)
  }
  await data.end()
  await error.end()
}
