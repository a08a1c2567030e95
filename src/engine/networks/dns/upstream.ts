import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'

const timeoutMs = 2500

function overUdp(query: Buffer, server: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4')
    const finish = (error: Error | null, answer?: Buffer) => {
      clearTimeout(timer)
      socket.close()
      if (answer) resolve(answer)
      else reject(error ?? new Error('no answer'))
    }
    const timer = setTimeout(() => finish(new Error(`${server} has not answered`)), timeoutMs)
    socket.on('error', (error) => finish(error))
    // Connected, the kernel drops what others send and tells at once when nobody listens there.
    socket.connect(53, server, () => {
      socket.on('message', (answer) => {
        if (answer.length >= 12 && answer.readUInt16BE(0) === query.readUInt16BE(0)) finish(null, answer)
      })
      socket.send(query, (error) => {
        if (error) finish(error)
      })
    })
  })
}

function overTcp(query: Buffer, server: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port: 53 })
    let got = Buffer.alloc(0)
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${server} has not answered`)))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${server} has closed the connection`)))
    socket.on('connect', () => {
      const head = Buffer.alloc(2)
      head.writeUInt16BE(query.length)
      socket.write(Buffer.concat([head, query]))
    })
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk])
      if (got.length < 2 || got.length < 2 + got.readUInt16BE()) return
      resolve(got.subarray(2, 2 + got.readUInt16BE()))
      socket.destroy()
    })
  })
}

/** Asks the servers one after the other. Undefined where none has answered. */
export async function askUpstream(
  query: Buffer,
  servers: readonly string[],
  transport: 'udp' | 'tcp',
): Promise<Buffer | undefined> {
  for (const server of servers) {
    try {
      return await (transport === 'udp' ? overUdp(query, server) : overTcp(query, server))
    } catch {
      // The next one; all failing is the caller's to answer.
    }
  }
  return undefined
}
