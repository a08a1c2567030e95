import { describe, expect, it } from 'vitest'
import type { BuildEvent, Vertex } from './contract.ts'
import { type Executor, type Graph, type GraphVertex, solve } from './solver.ts'

interface Work {
  readonly text: string
  readonly act?: (signal: AbortSignal) => Promise<void>
}

function graphOf(target: string, parts: Record<string, { inputs?: string[] } & Work>): Graph<Work> {
  const vertexes = new Map<string, GraphVertex<Work>>()
  for (const [id, { inputs = [], ...work }] of Object.entries(parts)) {
    const vertex: Vertex = { digest: id, name: id, inputs, stage: '', stageIndex: 0, step: 1, steps: 1, kind: 'run' }
    vertexes.set(id, { vertex, work })
  }
  return { vertexes, target }
}

function rememberingExecutor() {
  const memory = new Map<string, string>()
  const ran: string[] = []
  const executor: Executor<Work, string> = {
    key: async ({ work }, inputs) => [work.text, ...inputs.map(({ key }) => key)].join('<'),
    load: async (_vertex, key) => {
      const result = memory.get(key)
      return result === undefined ? undefined : { result, reason: { kind: 'hit', from: 'local', record: key } }
    },
    run: async ({ work, vertex }, key, _inputs, signal) => {
      ran.push(vertex.digest)
      await work.act?.(signal)
      memory.set(key, work.text)
      return { result: work.text, reason: { kind: 'never-built' } }
    },
    describe: () => ({ image: '', bytes: 0 }),
  }
  return { executor, ran, memory }
}

const never = new AbortController().signal
const ignore = () => undefined

describe('solve', () => {
  it('runs what the target needs, once, and nothing else', async () => {
    const { executor, ran } = rememberingExecutor()
    const graph = graphOf('end', {
      base: { text: 'base' },
      left: { text: 'left', inputs: ['base'] },
      right: { text: 'right', inputs: ['base'] },
      end: { text: 'end', inputs: ['left', 'right'] },
      unneeded: { text: 'unneeded', inputs: ['base'] },
    })
    await solve(graph, executor, ignore, never)
    expect(ran.toSorted()).toEqual(['base', 'end', 'left', 'right'])
  })

  it('keeps steps cached that a change does not reach', async () => {
    const { executor, ran } = rememberingExecutor()
    const parts = (last: string) => ({
      base: { text: 'base' },
      middle: { text: 'middle', inputs: ['base'] },
      end: { text: last, inputs: ['middle'] },
    })
    await solve(graphOf('end', parts('one')), executor, ignore, never)
    ran.length = 0
    const events: BuildEvent[] = []
    await solve(graphOf('end', parts('two')), executor, (event) => events.push(event), never)
    expect(ran).toEqual(['end'])
    expect(events.filter(({ type }) => type === 'cached')).toHaveLength(2)
  })

  it('runs independent stages side by side', async () => {
    const { executor } = rememberingExecutor()
    const both = Promise.withResolvers<void>()
    let waiting = 0
    const meet = async () => {
      waiting += 1
      if (waiting === 2) both.resolve()
      await both.promise
    }
    const graph = graphOf('end', {
      left: { text: 'left', act: meet },
      right: { text: 'right', act: meet },
      end: { text: 'end', inputs: ['left', 'right'] },
    })
    await expect(solve(graph, executor, ignore, never)).resolves.toMatchObject({ result: 'end' })
  })

  it('stops the other stages when one fails, and waits for them to end', async () => {
    const { executor } = rememberingExecutor()
    let ended = false
    const graph = graphOf('end', {
      slow: {
        text: 'slow',
        act: (signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              ended = true
              reject(signal.reason)
            })
          }),
      },
      bad: { text: 'bad', act: () => Promise.reject(new Error('exit 3')) },
      end: { text: 'end', inputs: ['slow', 'bad'] },
    })
    await expect(solve(graph, executor, ignore, never)).rejects.toThrow('exit 3')
    expect(ended).toBe(true)
  })

  it('ends with the reason of the signal when the client hangs up', async () => {
    const { executor } = rememberingExecutor()
    const hangup = new AbortController()
    const graph = graphOf('run', {
      run: {
        text: 'run',
        act: (signal) => {
          queueMicrotask(() => hangup.abort(new Error('client is gone')))
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        },
      },
    })
    await expect(solve(graph, executor, ignore, hangup.signal)).rejects.toThrow('client is gone')
  })
})
