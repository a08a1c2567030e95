import { fstatSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { ReadStream } from 'node:tty'
import type { ExecProcess, OutputChunk } from './contract.ts'
import { kill, setTerminalSize } from './libc.ts'

/** A program on a terminal whose other end (`fd`) is ours. All its output is stdout. */
export function execTerminal(fd: number, pid: number, exited: Promise<number>): ExecProcess {
  const terminal = new ReadStream(fd)
  const output = new Readable({
    objectMode: true,
    highWaterMark: 16,
    read() {
      terminal.resume()
    },
    destroy(error, done) {
      terminal.destroy()
      done(error)
    },
  })
  terminal.on('data', (data: Buffer) => {
    const chunk: OutputChunk = { stream: 'stdout', data }
    if (!output.push(chunk)) terminal.pause()
  })
  const end = () => {
    if (!output.destroyed && !output.readableEnded) output.push(null)
  }
  terminal.on('end', end)
  terminal.on('error', (error: NodeJS.ErrnoException) => {
    // The last process has closed the terminal: Linux says EIO where a pipe says end of file.
    if (error.code === 'EIO') end()
    else output.destroy(error)
  })
  terminal.pause()
  const stdin = new Writable({
    write(data: Buffer, _encoding, done) {
      if (terminal.destroyed) return done()
      terminal.write(data, (error) => done((error as NodeJS.ErrnoException | undefined)?.code === 'EIO' ? null : error))
    },
  })
  return {
    pid,
    exited,
    output,
    stdin,
    resize({ rows, columns }) {
      if (!terminal.destroyed && fstatSync(fd).isCharacterDevice()) setTerminalSize(fd, rows, columns)
    },
    signal(signal) {
      kill(pid, signal)
    },
    async [Symbol.asyncDispose]() {
      stdin.destroy()
      output.destroy()
    },
  }
}
