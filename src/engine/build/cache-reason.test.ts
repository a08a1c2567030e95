import { describe, expect, it } from 'vitest'
import { missReason } from './cache-reason.ts'
import type { BuildStepInputs, BuildStepRecord } from './contract.ts'

const inputs: BuildStepInputs = {
  parent: 'p',
  effective: 'COPY in .',
  args: { V: '1' },
  environment: ['PATH=/bin', 'A=1'],
  files: { a: '644 x', b: '644 y' },
  source: 's',
}
const before: BuildStepRecord = {
  key: 'k',
  stage: 's',
  step: 2,
  instruction: 'COPY . .',
  outcome: 'ran',
  reason: { kind: 'never-built' },
  bytes: 0,
  durationMs: 1,
  inputs,
}
const reason = (change: Partial<BuildStepInputs>, instruction = 'COPY . .', broken?: string) =>
  missReason(before, { instruction, inputs: { ...inputs, ...change } }, broken)

describe('missReason names the input that changed', () => {
  it('the instruction', () => {
    expect(reason({}, 'COPY a .')).toEqual({ kind: 'instruction-changed', before: 'COPY . .', after: 'COPY a .' })
  })
  it('an argument, added, changed or gone', () => {
    expect(reason({ args: { V: '2' } })).toEqual({ kind: 'argument-changed', name: 'V', before: '1', after: '2' })
    expect(reason({ args: {} })).toEqual({ kind: 'argument-changed', name: 'V', before: '1' })
    expect(reason({ args: { V: '1', W: 'x' } })).toEqual({ kind: 'argument-changed', name: 'W', after: 'x' })
  })
  it('a variable of the environment', () => {
    expect(reason({ environment: ['PATH=/bin', 'A=2'] })).toEqual({ kind: 'environment-changed', name: 'A' })
  })
  it('files, each by name', () => {
    expect(reason({ source: 't', files: { b: '755 y', c: '644 z' } })).toEqual({
      kind: 'files-changed',
      added: ['c'],
      changed: ['b'],
      removed: ['a'],
    })
  })
  it('a source whose files are not known by name', () => {
    expect(reason({ source: 't' })).toEqual({ kind: 'source-changed', source: 'COPY . .' })
  })
  it('the step below', () => {
    expect(reason({ parent: 'q' }, 'COPY . .', 'RUN make')).toEqual({ kind: 'parent-changed', parent: 'RUN make' })
  })
  it('nothing but that the record is gone, or was never there', () => {
    expect(reason({})).toEqual({ kind: 'record-pruned' })
    expect(missReason(undefined, { instruction: '', inputs }, undefined)).toEqual({ kind: 'never-built' })
  })
})
