import { spawn } from '@lydell/node-pty'
import { Scrollback } from './scrollback.ts'
import { ReportFilter, type TypedCommand, writeShellIntegration } from './shell-integration.ts'

export interface TerminalClient {
  /** Output since the last call; the client answers with `consumed` when it has drawn it. */
  output(text: string): void
  ended(exitCode: number): void
}

export interface Terminal {
  readonly id: string
  attach(client: TerminalClient): Disposable
  scrollback(): string
  write(text: string): void
  resize(columns: number, rows: number): void
  /** So many characters have been drawn: flow control. */
  consumed(characters: number): void
}

export interface TerminalsOptions {
  /** Where a new shell starts. */
  folder(): string
  env(): NodeJS.ProcessEnv
  rcFolder: string
  onCommand(command: TypedCommand): void
}

const scrollbackLimit = 1_000_000
/** Beyond this much undrawn output the program in the terminal has to wait, and the page stays alive. */
const highWater = 400_000
const lowWater = 100_000
const mostTerminals = 8

class PtyTerminal implements Terminal {
  readonly id: string
  #pty: ReturnType<typeof spawn>
  #scrollback = new Scrollback(scrollbackLimit)
  #filter = new ReportFilter()
  #clients = new Set<TerminalClient>()
  #undrawn = 0
  #paused = false

  constructor(id: string, rcfile: string, options: TerminalsOptions, onEnd: () => void) {
    this.id = id
    this.#pty = spawn('/bin/bash', ['--rcfile', rcfile, '-i'], {
      name: 'xterm-256color',
      cols: 80,
      rows: 24,
      cwd: options.folder(),
      env: { ...options.env(), TERM: 'xterm-256color', COLORTERM: 'truecolor' },
    })
    this.#pty.onData((chunk) => {
      const { text, commands } = this.#filter.take(chunk)
      for (const command of commands) options.onCommand(command)
      if (text === '') return
      this.#scrollback.add(text)
      for (const client of this.#clients) client.output(text)
      if (this.#clients.size === 0) return
      this.#undrawn += text.length
      if (this.#undrawn > highWater && !this.#paused) {
        this.#paused = true
        this.#pty.pause()
      }
    })
    this.#pty.onExit(({ exitCode }) => {
      for (const client of this.#clients) client.ended(exitCode)
      onEnd()
    })
  }

  attach(client: TerminalClient): Disposable {
    this.#clients.add(client)
    return {
      [Symbol.dispose]: () => {
        this.#clients.delete(client)
        if (this.#clients.size === 0) this.consumed(this.#undrawn)
      },
    }
  }

  scrollback(): string {
    return this.#scrollback.text()
  }

  write(text: string): void {
    this.#pty.write(text)
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(Math.min(Math.max(columns, 2), 500), Math.min(Math.max(rows, 2), 300))
  }

  consumed(characters: number): void {
    this.#undrawn = Math.max(0, this.#undrawn - characters)
    if (this.#paused && this.#undrawn < lowWater) {
      this.#paused = false
      this.#pty.resume()
    }
  }

  /** Takes the shell to a folder, unless a program runs in it. Ctrl-U first: a half-typed line is not run. */
  goTo(folder: string): void {
    if (this.#pty.process !== 'bash') return
    this.#pty.write(`\u0015 cd '${folder.replaceAll("'", `'\\''`)}' && clear\r`)
  }

  end(): void {
    this.#pty.kill('SIGHUP')
  }
}

/** The learner's terminals. They live as long as the workshop, whatever pages come and go. */
export class Terminals implements Disposable {
  #terminals = new Map<string, PtyTerminal>()
  #options: TerminalsOptions
  #rcfile: string
  #next = 1

  private constructor(options: TerminalsOptions, rcfile: string) {
    this.#options = options
    this.#rcfile = rcfile
  }

  static async open(options: TerminalsOptions): Promise<Terminals> {
    return new Terminals(options, await writeShellIntegration(options.rcFolder))
  }

  get ids(): string[] {
    return [...this.#terminals.keys()]
  }

  get(id: string): Terminal | undefined {
    return this.#terminals.get(id)
  }

  create(): Terminal {
    if (this.#terminals.size >= mostTerminals)
      throw new Error(`Cannot open another terminal: ${mostTerminals} are open`)
    const id = String(this.#next++)
    const terminal = new PtyTerminal(id, this.#rcfile, this.#options, () => this.#terminals.delete(id))
    this.#terminals.set(id, terminal)
    return terminal
  }

  /** A lesson has opened: every idle shell goes to its folder. */
  goTo(folder: string): void {
    for (const terminal of this.#terminals.values()) terminal.goTo(folder)
  }

  close(id: string): void {
    this.#terminals.get(id)?.end()
    this.#terminals.delete(id)
  }

  [Symbol.dispose](): void {
    for (const terminal of this.#terminals.values()) terminal.end()
    this.#terminals.clear()
  }
}
