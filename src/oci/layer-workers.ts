import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { OciError, type OciErrorCode } from './oci-error.ts'
import type { Unpacked, UnpackJob } from './unpack-layer.ts'

export interface LayerReply {
  readonly progress?: number
  readonly done?: Unpacked
  readonly fault?: { readonly code: OciErrorCode; readonly message: string }
  readonly failure?: { readonly message: string; readonly stack?: string; readonly code?: string }
}

interface Waiting {
  readonly job: UnpackJob
  readonly onProgress: ((readBytes: number) => void) | undefined
  readonly signal: AbortSignal | undefined
  readonly resolve: (result: Unpacked) => void
  readonly reject: (error: unknown) => void
}

const idleMilliseconds = 5000

/** Threads that move files while the main loop answers. They start when needed and go when idle. */
export class LayerWorkers implements AsyncDisposable {
  readonly #most: number
  readonly #idle = new Map<Worker, NodeJS.Timeout>()
  readonly #all = new Set<Worker>()
  readonly #queue: Waiting[] = []

  constructor(most = Math.min(availableParallelism(), 4)) {
    this.#most = most
  }

  unpack(job: UnpackJob, onProgress?: (readBytes: number) => void, signal?: AbortSignal): Promise<Unpacked> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, onProgress, signal, resolve, reject })
      this.#next()
    })
  }

  #next(): void {
    const idle = this.#idle.keys().next().value
    if (this.#queue.length === 0 || (!idle && this.#all.size >= this.#most)) return
    const waiting = this.#queue.shift()
    if (!waiting) return
    if (waiting.signal?.aborted) {
      waiting.reject(waiting.signal.reason)
      this.#next()
      return
    }
    this.#run(idle ?? this.#start(), waiting)
  }

  #start(): Worker {
    const worker = new Worker(new URL('./layer-worker.ts', import.meta.url), { name: 'layers', execArgv: [] })
    this.#all.add(worker)
    return worker
  }

  #run(worker: Worker, waiting: Waiting): void {
    clearTimeout(this.#idle.get(worker))
    this.#idle.delete(worker)
    worker.ref()
    const settle = (over: () => void, keep: boolean): void => {
      forget(worker)
      waiting.signal?.removeEventListener('abort', abort)
      if (keep) this.#rest(worker)
      else this.#drop(worker)
      over()
      this.#next()
    }
    const settleWith = (done: Unpacked): void => settle(() => waiting.resolve(done), true)
    const abort = (): void => {
      // The thread may be deep in a folder: it ends with its job, and only then is the folder nobody's.
      const reason = waiting.signal?.reason
      forget(worker)
      this.#all.delete(worker)
      worker.terminate().then(() => settle(() => waiting.reject(reason), false))
    }
    worker.on('message', (reply: LayerReply) => {
      if (reply.progress !== undefined) waiting.onProgress?.(reply.progress)
      else if (reply.done) settleWith(reply.done)
      else settle(() => waiting.reject(replyError(reply)), true)
    })
    worker.on('error', (error) => settle(() => waiting.reject(error), false))
    worker.on('exit', (code) => settle(() => waiting.reject(new Error(`a layer thread ended with ${code}`)), false))
    waiting.signal?.addEventListener('abort', abort, { once: true })
    worker.postMessage(waiting.job)
  }

  #rest(worker: Worker): void {
    worker.unref()
    const timer = setTimeout(() => this.#drop(worker), idleMilliseconds).unref()
    this.#idle.set(worker, timer)
    worker.on('error', () => this.#drop(worker))
  }

  #drop(worker: Worker): Promise<number> {
    clearTimeout(this.#idle.get(worker))
    this.#idle.delete(worker)
    this.#all.delete(worker)
    forget(worker)
    return worker.terminate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((worker) => this.#drop(worker)))
  }
}

/** All listeners at once would take the thread's own with them: its messages would not be heard any more. */
function forget(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
}

function replyError({ fault, failure }: LayerReply): Error {
  if (fault) return new OciError(fault.code, fault.message)
  const error = new Error(failure?.message)
  return Object.assign(error, failure)
}
