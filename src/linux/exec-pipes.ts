import { Socket } from 'node:net'
import { Readable, Writable } from 'node:stream'
import type { ExecProcess, OutputChunk } from './contract.ts'
import { close, kill, pipe } from './libc.ts'

/** How long output of children left behind is waited for once the program itself has ended. */
const lingerMs = 2000

/** The three pipes of a program without a terminal. */
export class ExecPipes {
  readonly #stdin: { read: number; write: number } | null
  readonly #stdout = pipe()
  readonly #stderr = pipe()

  constructor(stdin: boolean) {
    this.#stdin = stdin ? pipe() : null
  }

  childFds(nothing: number): Map<number, number> {
    return new Map([
      [0, this.#stdin?.read ?? nothing],
      [1, this.#stdout.write],
      [2, this.#stderr.write],
    ])
  }

  closeTheirs(): void {
    for (const fd of [this.#stdin?.read, this.#stdout.write, this.#stderr.write]) if (fd !== undefined) close(fd)
  }

  closeOurs(): void {
    for (const fd of [this.#stdin?.write, this.#stdout.read, this.#stderr.read]) if (fd !== undefined) close(fd)
  }

  /** Takes our ends over. */
  process(pid: number, exited: Promise<number>): ExecProcess {
    const sources = [
      { stream: 'stdout' as const, socket: new Socket({ fd: this.#stdout.read, readable: true, writable: false }) },
      { stream: 'stderr' as const, socket: new Socket({ fd: this.#stderr.read, readable: true, writable: false }) },
    ]
    let open = sources.length
    const output = new Readable({
      objectMode: true,
      highWaterMark: 16,
      read() {
        for (const { socket } of sources) socket.resume()
      },
      destroy(error, done) {
        for (const { socket } of sources) socket.destroy()
        done(error)
      },
    })
    for (const { stream, socket } of sources) {
      socket.on('data', (data: Buffer) => {
        const chunk: OutputChunk = { stream, data }
        if (!output.push(chunk)) for (const source of sources) source.socket.pause()
      })
      socket.on('error', (error) => output.destroy(error))
      socket.on('close', () => {
        open -= 1
        if (open === 0 && !output.destroyed) output.push(null)
      })
      socket.pause()
    }
    exited.then(() => {
      const linger = setTimeout(() => {
        // Output that nobody reads yet is still the program's: only silence ends the wait.
        for (const { socket } of sources) if (!socket.isPaused()) socket.destroy()
      }, lingerMs)
      output.once('close', () => clearTimeout(linger))
      output.once('end', () => clearTimeout(linger))
    })
    const stdin = this.#stdin === null ? closedStdin() : pipeStdin(this.#stdin.write)
    return {
      pid,
      exited,
      output,
      stdin,
      resize() {
        throw new Error('Cannot resize a program that has no terminal')
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
}

function closedStdin(): Writable {
  return new Writable({ write: (_data, _encoding, done) => done() })
}

function pipeStdin(fd: number): Writable {
  const socket = new Socket({ fd, readable: false, writable: true })
  // The program may end, or close its input, before it has read everything; what is left is then lost, as in a shell.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') stdin.destroy(error)
  })
  const stdin = new Writable({
    write(data: Buffer, _encoding, done) {
      if (socket.destroyed) return done()
      socket.write(data, (error) => done((error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE' ? null : error))
    },
    final(done) {
      socket.end(() => done())
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  return stdin
}
