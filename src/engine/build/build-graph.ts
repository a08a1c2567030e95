import { createHash } from 'node:crypto'
import type { Image, ImageRunConfig } from '../../oci/index.ts'
import { BuildError } from './build-error.ts'
import type { BuildRequest, Vertex } from './contract.ts'
import { beginState, type ConvertOptions, convertInstruction, inheritState, type StageState } from './convert-stage.ts'
import type { Operation, Source, Step } from './operation.ts'
import { type Plan, type PlannedStage, sourceNamed, triggersOf } from './plan.ts'
import type { Graph, GraphVertex } from './solver.ts'
import { imageAsStep, type StepImage, scratchAsStep } from './step-image.ts'

/** What a vertex of a build is to do. */
export type Work =
  | { readonly kind: 'from'; readonly image: StepImage; readonly reference: string }
  | { readonly kind: 'step'; readonly step: Step; readonly sources: readonly Source[] }

export type BuildGraph = Graph<Work>
type BuildVertex = GraphVertex<Work>

/** Of where it stands and what it says: the same file gives the same names. */
export function vertexDigest(...parts: readonly (string | number)[]): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`
}

export interface GraphInput {
  readonly plan: Plan
  readonly request: BuildRequest
  /** Images by the reference that names them: bases, and sources of COPY --from. */
  readonly images: ReadonlyMap<string, Image>
}

/** What `Step 1/6 : …` shows before anything is known of the base images. */
export function outline(plan: Plan, request: BuildRequest): Vertex[] {
  const vertexes: Vertex[] = plan.file.globalArgs.map((arg, index) => ({
    digest: vertexDigest('global', index, arg.source),
    name: arg.source,
    inputs: [],
    stage: '',
    stageIndex: -1,
    step: index + 1,
    steps: plan.file.globalArgs.length,
    kind: 'global-arg',
    line: arg.startLine,
    endLine: arg.endLine,
  }))
  for (const planned of plan.stages) {
    vertexes.push(fromVertex(planned, []))
    for (const [index, instruction] of planned.stage.instructions.entries())
      vertexes.push({
        ...place(planned, index),
        digest: stepDigest(planned, index, instruction.source),
        name: instruction.source,
        inputs: [],
        kind: instruction.kind,
        line: instruction.startLine,
        endLine: instruction.endLine,
      })
  }
  const last = plan.stages.at(-1)
  if (last)
    for (const [index, { source }] of labelSteps(request, {}).entries())
      vertexes.push({
        ...place(last, last.stage.instructions.length + index),
        digest: stepDigest(last, last.stage.instructions.length + index, source),
        name: source,
        inputs: [],
        kind: 'label',
      })
  return vertexes
}

function place(planned: PlannedStage, index: number): Pick<Vertex, 'stage' | 'stageIndex' | 'step' | 'steps'> {
  return {
    stage: planned.stage.name || `stage-${planned.index}`,
    stageIndex: planned.index,
    step: index + 2,
    steps: planned.stage.instructions.length + 1,
  }
}

function stepDigest(planned: PlannedStage, index: number, source: string): string {
  return vertexDigest('step', planned.index, index, source)
}

function fromVertex(planned: PlannedStage, inputs: readonly string[]): Vertex {
  return {
    ...place(planned, -1),
    digest: vertexDigest('from', planned.index, planned.stage.source),
    name: planned.stage.source,
    inputs,
    kind: 'from',
    line: planned.stage.startLine,
    endLine: planned.stage.endLine,
  }
}

/** `--label`: as if LABELs stood at the end of the last stage. */
function labelSteps(
  request: BuildRequest,
  config: ImageRunConfig,
): { source: string; key: string; config: ImageRunConfig }[] {
  let labels = config.Labels ?? {}
  return Object.entries(request.labels ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => {
      labels = { ...labels, [key]: value }
      return { source: `LABEL ${key}=${value}`, key, config: { ...config, Labels: labels } }
    })
}

/** Turns the stages into vertexes: variables replaced, triggers of base images put in. Throws a BuildError. */
export function buildGraph(input: GraphInput): { graph: BuildGraph; order: readonly Vertex[] } {
  return new GraphBuilder(input).build()
}

class GraphBuilder {
  readonly #input: GraphInput
  readonly #vertexes = new Map<string, BuildVertex>()
  readonly #order: Vertex[] = []
  readonly #ends = new Map<number, { vertex: string; state: StageState }>()

  constructor(input: GraphInput) {
    this.#input = input
  }

  build(): { graph: BuildGraph; order: readonly Vertex[] } {
    const { plan, request } = this.#input
    this.#order.push(...outline(plan, request).filter(({ kind }) => kind === 'global-arg'))
    for (const planned of plan.stages) this.#stage(planned)
    const target = this.#ends.get(plan.target)
    if (!target) throw new Error('Cannot build the graph: the target is not among its stages')
    return { graph: { vertexes: this.#vertexes, target: target.vertex }, order: this.#order }
  }

  #add(vertex: Vertex, work: Work): string {
    this.#vertexes.set(vertex.digest, { vertex, work })
    this.#order.push(vertex)
    return vertex.digest
  }

  #stage(planned: PlannedStage): void {
    const { base, triggers, state, inputs } = this.#base(planned)
    let last = this.#add(fromVertex(planned, inputs), base)
    const options = this.#options(planned)
    for (const [index, trigger] of triggersOf(triggers, planned.stage.startLine).entries()) {
      const step = { ...convertInstruction(trigger, state, options, true), line: planned.stage.startLine }
      last = this.#step(planned, step, last, vertexDigest('trigger', planned.index, index, trigger.source), index)
    }
    for (const [index, instruction] of planned.stage.instructions.entries()) {
      const step = convertInstruction(instruction, state, options)
      last = this.#step(planned, step, last, stepDigest(planned, index, instruction.source), index)
    }
    if (planned.index === this.#input.plan.target) last = this.#labels(planned, state, last)
    this.#ends.set(planned.index, { vertex: last, state })
  }

  #base(planned: PlannedStage): { base: Work; triggers: readonly string[]; state: StageState; inputs: string[] } {
    const { base } = planned
    if (base.kind === 'stage') {
      const below = this.#ends.get(base.stage)
      if (!below) throw new Error(`Cannot build the graph: stage ${base.stage} is not there`)
      const triggers = below.state.config.OnBuild ?? []
      const state = inheritState(below.state)
      // the image of the stage below is an input; what stands here is its configuration without the triggers
      return {
        base: { kind: 'from', image: scratchAsStep(state.config), reference: '' },
        triggers,
        state,
        inputs: [below.vertex],
      }
    }
    if (base.kind === 'scratch') {
      const state = beginState({}, undefined)
      return {
        base: { kind: 'from', image: scratchAsStep(state.config), reference: 'scratch' },
        triggers: [],
        state,
        inputs: [],
      }
    }
    const image = this.#input.images.get(base.reference)
    if (!image) throw new Error(`Cannot build the graph: the image ${base.reference} has not been found`)
    const state = beginState(image.config.config ?? {}, image.config.author)
    const triggers = image.config.config?.OnBuild ?? []
    return {
      base: { kind: 'from', image: imageAsStep(image, state.config), reference: base.reference },
      triggers,
      state,
      inputs: [],
    }
  }

  #options(planned: PlannedStage): ConvertOptions {
    const { plan } = this.#input
    return {
      escape: plan.file.escape,
      globals: plan.globals,
      buildArgs: plan.buildArgs,
      consumed: plan.consumed,
      source: (name) => sourceNamed(plan.file, name, planned.index),
    }
  }

  #step(planned: PlannedStage, step: Step, previous: string, digest: string, index: number): string {
    const sources = sourcesOf(step.operation)
    const inputs = [previous]
    for (const source of sources) {
      if (source.kind === 'stage') {
        const end = this.#ends.get(source.stage)
        if (!end) throw new BuildError(`invalid from flag value ${source.stage}: stage is not built`, { status: 400 })
        inputs.push(end.vertex)
      } else if (source.kind === 'image') inputs.push(this.#image(source.reference))
    }
    return this.#add(
      {
        ...place(planned, index),
        digest,
        name: step.source,
        inputs,
        kind: step.kind,
        line: step.line,
        endLine: step.endLine,
        ...(step.trigger ? { trigger: true } : {}),
        ...(step.notes.length > 0 ? { notes: step.notes } : {}),
      },
      { kind: 'step', step, sources },
    )
  }

  /** An image that only COPY --from or a mount names. */
  #image(reference: string): string {
    const digest = vertexDigest('image', reference)
    if (this.#vertexes.has(digest)) return digest
    const image = this.#input.images.get(reference)
    if (!image) throw new Error(`Cannot build the graph: the image ${reference} has not been found`)
    const vertex: Vertex = {
      digest,
      name: reference,
      inputs: [],
      stage: '',
      stageIndex: -1,
      step: 1,
      steps: 1,
      kind: 'image',
    }
    this.#vertexes.set(digest, {
      vertex,
      work: { kind: 'from', image: imageAsStep(image, image.config.config ?? {}), reference },
    })
    return digest
  }

  #labels(planned: PlannedStage, state: StageState, from: string): string {
    let last = from
    for (const [index, label] of labelSteps(this.#input.request, state.config).entries()) {
      const at = planned.stage.instructions.length + index
      const shell = state.config.Shell && state.config.Shell.length > 0 ? state.config.Shell.join(' ') : '/bin/sh -c'
      const step: Step = {
        source: label.source,
        kind: 'label',
        line: 0,
        endLine: 0,
        trigger: false,
        config: label.config,
        author: state.author,
        createdBy: () => `${shell} #(nop)  ${label.source}`,
        operation: undefined,
        args: {},
        environment: [],
        notes: [],
      }
      last = this.#step(planned, step, last, stepDigest(planned, at, label.source), at)
    }
    return last
  }
}

export function sourcesOf(operation: Operation | undefined): Source[] {
  if (operation?.type === 'copy') return [operation.source]
  if (operation?.type === 'run')
    return operation.mounts
      .filter(({ type, from }) => (type === 'bind' || type === 'cache') && (type === 'bind' || from !== ''))
      .map(({ origin }) => origin)
  return []
}
