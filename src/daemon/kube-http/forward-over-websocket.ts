import { PassThrough } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Upgrade } from '../../kube/api/index.ts'

type Forward = Extract<Upgrade, { kind: 'portforward' }>

/** Two channels per port, one for data and one for errors; each begins with the port's number, low byte first. */
export async function forwardOverWebSocket(forward: Forward, socket: WebSocket): Promise<void> {
  const inputs = forward.ports.map(() => new PassThrough())
  socket.on('message', (raw: Buffer) => {
    const channel = raw[0] ?? 0
    const input = channel % 2 === 0 ? inputs[channel / 2] : undefined
    if (!input || input.write(raw.subarray(1))) return
    socket.pause()
    input.once('drain', () => socket.resume())
  })
  socket.once('close', () => {
    for (const input of inputs) input.end()
  })
  const send = (channel: number, data: Uint8Array) =>
    new Promise<void>((resolve) => socket.send(Buffer.concat([Buffer.of(channel), data]), () => resolve()))
  await Promise.all(
    forward.ports.map(async (port, i) => {
      const number = Buffer.of(port & 255, port >> 8)
      await send(i * 2, number)
      await send(i * 2 + 1, number)
      try {
        const target = await forward.dial(port)
        socket.once('close', () => target.abort(new Error('the client is gone')))
        const back = (async () => {
          for await (const chunk of inputs[i] as PassThrough) await target.write(chunk as Uint8Array)
          target.end()
        })()
        for await (const chunk of target.readable) await send(i * 2, chunk)
        await Promise.race([back, Promise.resolve()])
      } catch (error) {
        await send(i * 2 + 1, Buffer.from(`error forwarding port ${port}: ${(error as Error).message}`))
      }
    }),
  )
  socket.close(1000)
}
