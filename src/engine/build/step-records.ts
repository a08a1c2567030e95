import type { Work } from './build-graph.ts'
import { missReason } from './cache-reason.ts'
import type { BuildRecord, BuildStepInputs, BuildStepRecord, CacheReason } from './contract.ts'
import type { GraphVertex } from './solver.ts'
import type { StepImage } from './step-image.ts'

type BuildVertex = GraphVertex<Work>

/** What became of each step of a build, and why. */
export class StepRecords {
  readonly steps: BuildStepRecord[] = []
  readonly #previous: BuildRecord | undefined
  readonly #inputs = new Map<string, BuildStepInputs>()
  readonly #begun = new Map<string, number>()
  readonly #missed = new Map<string, string>()

  constructor(previous: BuildRecord | undefined) {
    this.#previous = previous
  }

  begin({ vertex }: BuildVertex): void {
    this.#begun.set(vertex.digest, performance.now())
  }

  inputs({ vertex }: BuildVertex, inputs: BuildStepInputs): void {
    this.#inputs.set(vertex.digest, inputs)
  }

  previous({ vertex }: BuildVertex): BuildStepRecord | undefined {
    const from = vertex.kind === 'from'
    return this.#previous?.steps.find(
      ({ stage, step, instruction }) =>
        stage === vertex.stage && step === vertex.step && from === /^from\s/i.test(instruction),
    )
  }

  /** Why the step has to be done. */
  reason({ vertex, work }: BuildVertex, noCache: boolean): CacheReason {
    this.#missed.set(vertex.digest, vertex.name)
    if (noCache) return { kind: 'no-cache-asked' }
    const inputs = this.#inputs.get(vertex.digest)
    if (!inputs) return { kind: 'never-built' }
    const broken = this.#missed.get(vertex.inputs[0] ?? '')
    return missReason(this.previous({ vertex, work }), { instruction: vertex.name, inputs }, broken)
  }

  add(
    { vertex }: BuildVertex,
    result: StepImage | undefined,
    outcome: BuildStepRecord['outcome'],
    reason: CacheReason,
  ) {
    const { digest, stage, step, name, line, endLine, kind } = vertex
    const inputs = this.#inputs.get(digest)
    if (!inputs || kind === 'image') return
    const milliseconds = performance.now() - (this.#begun.get(digest) ?? performance.now())
    this.steps.push({
      key: digest,
      stage,
      step,
      instruction: name,
      ...(line === undefined ? {} : { line }),
      ...(endLine === undefined ? {} : { endLine }),
      outcome,
      reason,
      ...(result?.layer ? { layer: result.layer.diffId } : {}),
      bytes: result?.layer?.bytes ?? 0,
      durationMs: Math.round(milliseconds * 1000) / 1000,
      ...(result ? { image: result.id } : {}),
      inputs,
    })
  }
}
