import type { BuildEvent, CacheReason, Vertex } from './contract.ts'

/** A vertex of the graph, with what an executor needs to know of it. */
export interface GraphVertex<Work> {
  readonly vertex: Vertex
  readonly work: Work
}

export interface Graph<Work> {
  readonly vertexes: ReadonlyMap<string, GraphVertex<Work>>
  /** The vertex whose result is wanted. What it does not need is not worked on. */
  readonly target: string
}

/** What a vertex came to: enough for its followers to make their keys from. */
export interface Solved<Result> {
  readonly key: string
  readonly result: Result
  readonly cached: boolean
}

export interface Completion {
  readonly image: string
  readonly layer?: string
  readonly bytes: number
}

/** Does the work; the solver knows only the order, the keys and who waits for whom. */
export interface Executor<Work, Result> {
  /** The content key: the same key means the same result. `inputs` are in the vertex's own order. */
  key(vertex: GraphVertex<Work>, inputs: readonly Solved<Result>[], signal: AbortSignal): Promise<string>
  /** What is remembered under the key; undefined where nothing is. */
  load(
    vertex: GraphVertex<Work>,
    key: string,
    inputs: readonly Solved<Result>[],
  ): Promise<{ result: Result; reason: CacheReason } | undefined>
  /** Does the work and remembers it under the key. */
  run(
    vertex: GraphVertex<Work>,
    key: string,
    inputs: readonly Solved<Result>[],
    signal: AbortSignal,
  ): Promise<{ result: Result; reason: CacheReason }>
  describe(result: Result): Completion
}

/** Solves a graph: independent vertexes side by side, each once; the first fault stops all others. */
export async function solve<Work, Result>(
  graph: Graph<Work>,
  executor: Executor<Work, Result>,
  emit: (event: BuildEvent) => void,
  signal: AbortSignal,
): Promise<Solved<Result>> {
  const stop = new AbortController()
  const stopped = AbortSignal.any([signal, stop.signal])
  const running = new Map<string, Promise<Solved<Result>>>()

  const solved = (id: string): Promise<Solved<Result>> => {
    const known = running.get(id)
    if (known) return known
    const work = begin(id)
    running.set(id, work)
    return work
  }

  const begin = async (id: string): Promise<Solved<Result>> => {
    const vertex = graph.vertexes.get(id)
    if (!vertex) throw new Error(`Cannot solve the graph: it has no vertex ${id}`)
    // all inputs are begun before any is waited for
    const inputs = await Promise.all(vertex.vertex.inputs.map(solved))
    stopped.throwIfAborted()
    emit({ type: 'started', vertex: id, at: performance.now() })
    try {
      return await work(id, vertex, inputs)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      emit({ type: 'error', vertex: id, at: performance.now(), message })
      stop.abort(error)
      throw error
    }
  }

  const work = async (
    id: string,
    vertex: GraphVertex<Work>,
    inputs: readonly Solved<Result>[],
  ): Promise<Solved<Result>> => {
    const key = await executor.key(vertex, inputs, stopped)
    stopped.throwIfAborted()
    const hit = await executor.load(vertex, key, inputs)
    const { result, reason } = hit ?? (await executor.run(vertex, key, inputs, stopped))
    if (hit) emit({ type: 'cached', vertex: id, at: performance.now(), reason })
    emit({ type: 'completed', vertex: id, at: performance.now(), reason, ...executor.describe(result) })
    return { key, result, cached: hit !== undefined }
  }

  try {
    return await solved(graph.target)
  } catch (error) {
    // what was under way hears of the abort and ends before this returns: nothing is left running
    await Promise.allSettled(running.values())
    throw stop.signal.aborted ? stop.signal.reason : error
  }
}
