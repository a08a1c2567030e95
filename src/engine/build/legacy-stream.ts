import type { BuildEvent, LegacyBuildMessage, Vertex } from './contract.ts'

export interface LegacyOptions {
  readonly remove: boolean
  readonly forceRemove: boolean
  readonly send: (message: LegacyBuildMessage) => void
}

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)
const red = (text: string): string => `\u001b[91m${text}\u001b[0m`

interface Progress {
  readonly vertex: Vertex
  readonly waiting: BuildEvent[]
  done: boolean
}

/**
 * Draws the stream of POST /build from a build's events. Stages may run side by side, the stream has one step after the
 * other, as in the file: what a later step says waits until it is its turn.
 */
export class LegacyStream {
  readonly #options: LegacyOptions
  readonly #steps = new Map<string, Progress>()
  readonly #texts = new Map<string, { out: TextDecoder; err: TextDecoder }>()
  #order: string[] = []
  #total = 0
  #at = 0
  #number = 0
  #headed = false
  #container: string | undefined
  #warnings: Extract<BuildEvent, { type: 'warning' }>[] = []

  constructor(options: LegacyOptions) {
    this.#options = options
  }

  #text(stream: string): void {
    this.#options.send({ stream })
  }

  /** A line that belongs to no step. */
  note(text: string): void {
    this.#text(text)
  }

  /** As Docker's standard error. */
  warn(text: string): void {
    this.#text(red(text))
  }

  handle(event: BuildEvent): void {
    if (event.type === 'plan') {
      this.#plan(event.vertexes, event.totalSteps)
      return
    }
    if (event.type === 'warning') {
      const current = this.#steps.get(this.#order[this.#at] ?? '')
      if (this.#headed && current && covers(current.vertex, event.line)) this.#warning(event)
      else this.#warnings.push(event)
      return
    }
    const id = 'vertex' in event ? event.vertex : undefined
    const step = id === undefined ? undefined : this.#steps.get(id)
    if (!step) return
    if (this.#order[this.#at] === id) this.#draw(step, event)
    else step.waiting.push(event)
    this.#advance()
  }

  #plan(vertexes: readonly Vertex[], total: number): void {
    this.#total = total
    const passed = this.#order.slice(0, this.#at)
    for (const vertex of vertexes) {
      const known = this.#steps.get(vertex.digest)
      this.#steps.set(vertex.digest, { vertex, waiting: known?.waiting ?? [], done: known?.done ?? false })
    }
    this.#order = [...passed, ...vertexes.map(({ digest }) => digest).filter((digest) => !passed.includes(digest))]
    this.#advance()
  }

  /** Goes on to the next step while the present one is done, and draws what that one has said already. */
  #advance(): void {
    for (;;) {
      const step = this.#steps.get(this.#order[this.#at] ?? '')
      if (!step) return
      if (step.vertex.kind === 'global-arg') {
        this.#head(step)
        step.done = true
      }
      const waiting = step.waiting.splice(0)
      for (const event of waiting) this.#draw(step, event)
      if (!step.done) {
        // what the step is waiting for (a pull) is shown under its own line
        this.#head(step)
        return
      }
      this.#at += 1
      this.#headed = false
      this.#container = undefined
    }
  }

  #head({ vertex }: Progress): void {
    if (this.#headed) return
    this.#headed = true
    if (vertex.trigger) {
      const before = this.#steps.get(this.#order[this.#at - 1] ?? '')
      if (!before?.vertex.trigger) {
        const count = [...this.#steps.values()].filter(
          (other) => other.vertex.trigger && other.vertex.stageIndex === vertex.stageIndex,
        ).length
        this.#text(`# Executing ${count} build trigger${count > 1 ? 's' : ''}\n`)
      }
    } else {
      this.#number += 1
      this.#text(`Step ${this.#number}/${this.#total} : ${vertex.name}\n`)
    }
    for (const warning of this.#warnings.filter(({ line }) => covers(vertex, line))) this.#warning(warning)
    this.#warnings = this.#warnings.filter(({ line }) => !covers(vertex, line))
    for (const text of vertex.notes ?? []) this.#text(`${text}\n`)
  }

  #warning({ rule, message, line }: Extract<BuildEvent, { type: 'warning' }>): void {
    this.#text(` ---> [Warning] ${rule}: ${message} (line ${line})\n`)
  }

  #draw(step: Progress, event: BuildEvent): void {
    this.#head(step)
    switch (event.type) {
      case 'progress':
        this.#options.send({
          status: event.status,
          ...(event.id === '' ? {} : { id: event.id }),
          ...(event.current === undefined
            ? {}
            : {
                progressDetail: {
                  current: event.current,
                  ...(event.total === undefined ? {} : { total: event.total }),
                },
              }),
        })
        return
      case 'running':
        this.#container = event.container
        this.#text(` ---> Running in ${short(event.container)}\n`)
        return
      case 'log': {
        const decoders = this.#decoders(event.vertex)
        const text = (event.stream === 1 ? decoders.out : decoders.err).decode(event.data, { stream: true })
        if (text !== '') this.#text(event.stream === 1 ? text : red(text))
        return
      }
      case 'removed':
        if (this.#options.remove) this.#text(` ---> Removed intermediate container ${short(event.container)}\n`)
        this.#container = undefined
        return
      case 'cached':
        this.#text(' ---> Using cache\n')
        return
      case 'completed':
        step.done = true
        this.#text(` ---> ${step.vertex.kind === 'from' && event.image === '' ? '' : short(event.image)}\n`)
        if (this.#isStageEnd(step.vertex)) this.#options.send({ aux: { ID: event.image } })
        return
      case 'error':
        if (this.#container !== undefined && this.#options.forceRemove)
          this.#text(` ---> Removed intermediate container ${short(this.#container)}\n`)
        this.#container = undefined
        return
      default:
        return
    }
  }

  #decoders(vertex: string): { out: TextDecoder; err: TextDecoder } {
    const known = this.#texts.get(vertex)
    if (known) return known
    const decoders = { out: new TextDecoder(), err: new TextDecoder() }
    this.#texts.set(vertex, decoders)
    return decoders
  }

  #isStageEnd(vertex: Vertex): boolean {
    const next = this.#steps.get(this.#order[this.#at + 1] ?? '')
    return next === undefined || next.vertex.stageIndex !== vertex.stageIndex
  }

  /** The build has failed: what the step at fault has said is shown, even if it was not its turn. */
  fail(): void {
    const failed = [...this.#steps.values()].find(({ waiting }) => waiting.some(({ type }) => type === 'error'))
    if (!failed) return
    const at = this.#order.indexOf(failed.vertex.digest)
    // the numbers of the steps between are skipped, not given away
    this.#number += this.#order
      .slice(this.#headed ? this.#at + 1 : this.#at, at)
      .filter((digest) => !this.#steps.get(digest)?.vertex.trigger).length
    this.#at = at
    this.#headed = false
    this.#container = undefined
    for (const event of failed.waiting.splice(0)) this.#draw(failed, event)
  }

  finish(imageId: string, tags: readonly string[]): void {
    this.#text(`Successfully built ${short(imageId)}\n`)
    for (const tag of tags) this.#text(`Successfully tagged ${tag}\n`)
  }
}

function covers(vertex: Vertex, line: number): boolean {
  return vertex.line !== undefined && line >= vertex.line && line <= (vertex.endLine ?? vertex.line)
}
