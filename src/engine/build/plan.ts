import type { DockerfilePlatform } from '../../dockerfile/index.ts'
import {
  type Dockerfile,
  DockerfileError,
  expandWord,
  formatDockerfilePlatform,
  globalArguments,
  type Instruction,
  nearest,
  parseDockerfilePlatform,
  parseInstruction,
  parseMount,
  platformArguments,
  type Stage,
} from '../../dockerfile/index.ts'
import { hostPlatform, type Image } from '../../oci/index.ts'
import { BuildError } from './build-error.ts'
import type { BuildRequest } from './contract.ts'
import type { Source } from './operation.ts'

export type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'image'; readonly reference: string }

/** A stage that will be built, before its base image is looked at. */
export interface PlannedStage {
  readonly index: number
  readonly stage: Stage
  readonly base: StageBase
}

export interface Plan {
  readonly file: Dockerfile
  readonly globals: ReadonlyMap<string, string>
  readonly buildArgs: Readonly<Record<string, string>>
  readonly consumed: Set<string>
  readonly stages: readonly PlannedStage[]
  readonly target: number
  /** As `Step 1/6` counts. */
  readonly totalSteps: number
}

function machine(): DockerfilePlatform {
  const { os, architecture, variant = '' } = hostPlatform()
  return { os, architecture, variant }
}

function platformOf(text: string, from: string, line?: number): void {
  const host = machine()
  let platform: DockerfilePlatform
  try {
    platform = parseDockerfilePlatform(text, host)
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw new BuildError(`failed to parse platform ${from}: ${error.reason}`, { status: 400, line })
  }
  if (platform.os === host.os && platform.architecture === host.architecture) return
  throw new BuildError(
    `cannot build for ${formatDockerfilePlatform(platform)}: this machine runs ${formatDockerfilePlatform(host)} only`,
    { status: 400, line },
  )
}

/** Chooses what will be built: global ARGs, the target, and the stages that it needs. Throws a BuildError. */
export function planBuild(file: Dockerfile, request: BuildRequest): Plan {
  if (file.stages.length === 0)
    throw new BuildError('No image was generated. Is your Dockerfile empty?', { status: 400 })
  if (request.platform) platformOf(request.platform, request.platform)
  const buildArgs = Object.fromEntries(
    Object.entries(request.buildArgs ?? {}).filter((entry): entry is [string, string] => entry[1] !== null),
  )
  const target = targetOf(file, request.target)
  const host = machine()
  const predefined = platformArguments(host, host, file.stages[target]?.name ?? '', buildArgs)
  const { values: globals, declared } = translate(() =>
    globalArguments(predefined, file.globalArgs, buildArgs, file.escape),
  )
  const stages = file.stages.slice(0, target + 1).map((stage, index): PlannedStage => {
    const base = translate(() => expandWord(stage.base, globals, { escape: file.escape }).result, stage.startLine)
    if (base === '')
      throw new BuildError(`base name (${stage.base}) should not be blank`, { status: 400, line: stage.startLine })
    if (stage.platform !== '') checkPlatform(stage, file, globals)
    return { index, stage, base: baseOf(file, base, index) }
  })
  checkNames(stages)
  const needed = reach(file, stages, [target])
  const built = stages.filter(({ index }) => needed.has(index))
  return {
    file,
    globals,
    buildArgs,
    consumed: new Set(declared),
    stages: built,
    target,
    totalSteps:
      file.globalArgs.length +
      built.reduce((sum, { stage }) => sum + 1 + stage.instructions.length, 0) +
      Object.keys(request.labels ?? {}).length,
  }
}

export function translate<T>(work: () => T, line?: number): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw new BuildError(error.reason, { status: 400, line })
  }
}

function targetOf(file: Dockerfile, name: string | undefined): number {
  if (!name) return file.stages.length - 1
  const lower = name.toLowerCase()
  const found = file.stages.findIndex((stage) => stage.name === lower)
  if (found >= 0) return found
  const index = /^\d+$/.test(name) ? Number(name) : -1
  if (index >= 0 && index < file.stages.length) return index
  const names = file.stages.map((stage) => stage.name).filter(Boolean)
  const suggestion = nearest(name, names, true)
  throw new BuildError(
    `target stage ${JSON.stringify(name)} could not be found${suggestion ? ` (did you mean ${suggestion}?)` : ''}`,
    { status: 400 },
  )
}

function checkPlatform(stage: Stage, file: Dockerfile, globals: ReadonlyMap<string, string>): void {
  const { result } = translate(() => expandWord(stage.platform, globals, { escape: file.escape }), stage.startLine)
  if (result === '')
    throw new BuildError(`empty platform value from expression ${stage.platform}`, {
      status: 400,
      line: stage.startLine,
    })
  platformOf(result, stage.platform, stage.startLine)
}

function checkNames(stages: readonly PlannedStage[]): void {
  const seen = new Set<string>()
  for (const { stage } of stages) {
    if (stage.name !== '' && seen.has(stage.name))
      throw new BuildError(`${stage.name} stage name already used`, { status: 400, line: stage.startLine })
    seen.add(stage.name)
  }
}

function baseOf(file: Dockerfile, name: string, index: number): StageBase {
  const earlier = file.stages.findIndex(
    (stage, at) => at < index && stage.name !== '' && stage.name === name.toLowerCase(),
  )
  if (earlier >= 0) return { kind: 'stage', stage: earlier }
  if (name.toLowerCase() === 'scratch') return { kind: 'scratch' }
  return { kind: 'image', reference: name }
}

/** Where `--from=` points, seen from a stage. */
export function sourceNamed(file: Dockerfile, name: string, current: number): Source {
  const lower = name.toLowerCase()
  let found = file.stages.findIndex((stage) => stage.name !== '' && stage.name === lower)
  if (found < 0 && /^\d+$/.test(name)) {
    found = Number(name)
    if (found >= file.stages.length) throw new BuildError(`invalid stage index ${name}`, { status: 400 })
  }
  if (found < 0) return { kind: 'image', reference: name }
  const stageName = file.stages[current]?.name || `stage-${current}`
  if (found === current) throw new BuildError(`circular dependency detected on stage: ${stageName}`, { status: 400 })
  if (found > current)
    throw new BuildError(
      `cannot copy from stage ${JSON.stringify(name)}, it needs to be defined before current stage ${JSON.stringify(stageName)}`,
      { status: 400 },
    )
  return { kind: 'stage', stage: found }
}

/** The sources that instructions name, before variables have values: `--from` takes none. */
export function sourcesNamed(file: Dockerfile, instructions: readonly Instruction[], stage: number): Source[] {
  return instructions.flatMap((instruction) => {
    if (instruction.kind === 'copy' && instruction.from !== '' && !instruction.from.includes('$'))
      return [sourceNamed(file, instruction.from, stage)]
    if (instruction.kind !== 'run') return []
    return instruction.mounts
      .map((mount) => parseMount(mount).from)
      .filter((from) => from !== '' && from.toLowerCase() !== 'scratch')
      .map((from) => sourceNamed(file, from, stage))
  })
}

function reach(file: Dockerfile, stages: readonly PlannedStage[], from: readonly number[]): Set<number> {
  const reached = new Set<number>()
  const visit = (index: number): void => {
    const planned = stages[index]
    if (!planned || reached.has(index)) return
    reached.add(index)
    if (planned.base.kind === 'stage') visit(planned.base.stage)
    for (const source of sourcesNamed(file, planned.stage.instructions, index))
      if (source.kind === 'stage') visit(source.stage)
  }
  for (const index of from) visit(index)
  return reached
}

/** ONBUILD instructions that a base image, or the stage below, left behind. */
export function triggersOf(expressions: readonly string[], line: number): Instruction[] {
  return expressions.map((expression) => translate(() => parseInstruction(expression), line))
}

export type ResolvedImage = Image
