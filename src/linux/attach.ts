import { Readable, Writable } from 'node:stream'
import type { OutputChunk, Streams } from './contract.ts'
import { connectPacketSocket } from './packet-socket.ts'

/** conmon reads no more than 32 KiB of a packet and drops the rest. */
const packetBytes = 8192
const STDERR = 3

/**
 * A client of conmon's attach socket. Out: packets of a stream's number (2 stdout, 3 stderr) and at most 8 KiB. In:
 * packets of stdin; shutting our writing side down is its end. conmon blocks on a reader that does not read, which
 * carries the back-pressure to the program.
 */
export function attachTo(path: string): Streams {
  const { socket, rest } = connectPacketSocket(path)
  const output = new Readable({
    objectMode: true,
    highWaterMark: 16,
    read() {
      socket.resume()
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  const give = (packet: Buffer): boolean => {
    const chunk: OutputChunk = { stream: packet[0] === STDERR ? 'stderr' : 'stdout', data: packet.subarray(1) }
    return output.push(chunk)
  }
  socket.on('data', (packet: Buffer) => {
    if (!give(packet)) socket.pause()
  })
  socket.on('end', () => {
    for (const packet of rest()) give(packet)
    output.push(null)
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // conmon has ended while something was on its way to it: for the client that is the end, not a fault.
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET' || error.code === 'ENOTCONN') output.push(null)
    else output.destroy(error)
  })
  socket.pause()
  const stdin = new Writable({
    highWaterMark: 64 * 1024,
    write(data: Buffer, _encoding, done) {
      writePackets(data, done)
    },
    final(done) {
      socket.end(() => done())
    },
  })
  // What is typed to a program that is gone is lost, as in a terminal.
  const lost = (error: NodeJS.ErrnoException | null | undefined, done: (error?: Error | null) => void) =>
    done(error && error.code !== 'EPIPE' && error.code !== 'ECONNRESET' ? error : null)

  function writePackets(data: Buffer, done: (error?: Error | null) => void): void {
    if (data.length === 0 || socket.destroyed || socket.writableEnded) {
      done()
      return
    }
    // One at a time: Node joins waiting writes into one, which would be one packet too large.
    socket.write(data.subarray(0, packetBytes), (error) => {
      if (error) lost(error, done)
      else writePackets(data.subarray(packetBytes), done)
    })
  }
  return {
    output,
    stdin,
    async [Symbol.asyncDispose]() {
      stdin.destroy()
      output.destroy()
      socket.destroy()
    },
  }
}
