import { describe, expect, it } from 'vitest'
import type { BuildEvent, LegacyBuildMessage, Vertex } from './contract.ts'
import { LegacyStream } from './legacy-stream.ts'

const vertex = (digest: string, stageIndex: number, line: number, kind = 'run'): Vertex => ({
  digest,
  name: digest,
  inputs: [],
  stage: `${stageIndex}`,
  stageIndex,
  step: 1,
  steps: 1,
  kind,
  line,
  endLine: line,
})
const hit = { kind: 'hit', from: 'local', record: '' } as const
const at = 0
const done = (id: string): BuildEvent => ({
  type: 'completed',
  vertex: id,
  at,
  image: `sha256:${id}`.padEnd(20, '0'),
  bytes: 0,
  reason: hit,
})
const log = (id: string, text: string, stream: 1 | 2 = 1): BuildEvent => ({
  type: 'log',
  vertex: id,
  stream,
  data: Buffer.from(text),
})

function draw(events: readonly BuildEvent[], fail = false): LegacyBuildMessage[] {
  const messages: LegacyBuildMessage[] = []
  const stream = new LegacyStream({ remove: true, forceRemove: false, send: (message) => messages.push(message) })
  for (const event of events) stream.handle(event)
  if (fail) stream.fail()
  return messages
}

const text = (messages: readonly LegacyBuildMessage[]) => messages.map(({ stream = '' }) => stream).join('')
const plan: BuildEvent = {
  type: 'plan',
  totalSteps: 3,
  vertexes: [vertex('one', 0, 1, 'from'), vertex('two', 0, 2), vertex('three', 1, 3)],
}

describe('LegacyStream', () => {
  it('has one step after the other, whatever order they run in', () => {
    const messages = draw([
      plan,
      log('three', 'early\n'),
      done('three'),
      done('one'),
      log('two', 'late\n'),
      done('two'),
    ])
    expect(text(messages)).toBe(
      'Step 1/3 : one\n ---> one000000000\nStep 2/3 : two\nlate\n ---> two000000000\nStep 3/3 : three\nearly\n ---> three0000000\n',
    )
    expect(messages.filter(({ aux }) => aux)).toHaveLength(2)
  })

  it('shows a step’s own line before what it waits for', () => {
    const messages = draw([
      plan,
      { type: 'progress', vertex: 'one', id: 'abc', status: 'Downloading', current: 1, total: 2 },
    ])
    expect(messages).toEqual([
      { stream: 'Step 1/3 : one\n' },
      { status: 'Downloading', id: 'abc', progressDetail: { current: 1, total: 2 } },
    ])
  })

  it('does not tear a character that comes in two pieces, and writes stderr in red', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]
    const messages = draw([
      { type: 'plan', totalSteps: 1, vertexes: [vertex('one', 0, 1)] },
      { type: 'log', vertex: 'one', stream: 1, data: first },
      { type: 'log', vertex: 'one', stream: 1, data: second },
      log('one', 'oops', 2),
    ])
    expect(messages.slice(1)).toEqual([{ stream: 'é' }, { stream: '\u001b[91moops\u001b[0m' }])
  })

  it('shows the step at fault even if it was not its turn, under its own number', () => {
    const messages = draw(
      [plan, done('one'), log('three', 'why\n'), { type: 'error', vertex: 'three', at, message: 'x' }],
      true,
    )
    expect(text(messages)).toContain('Step 3/3 : three\nwhy\n')
  })

  it('puts a warning under the step of its line', () => {
    const warning = { type: 'warning', rule: 'R', message: 'm', detail: '', url: '', line: 2 } as const
    expect(text(draw([plan, warning, done('one'), done('two')]))).toContain(
      'Step 2/3 : two\n ---> [Warning] R: m (line 2)\n',
    )
  })
})
