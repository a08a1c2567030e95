import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CheckWarning,
  checkDockerfile,
  type Dockerfile,
  DockerfileError,
  parseDockerfile,
} from '../../dockerfile/index.ts'
import { familiarString, type Image, type Lease, parseNormalizedName, withTagDefault } from '../../oci/index.ts'
import { newId } from '../core/identifier.ts'
import { type OpenedContext, openContext } from './build-context.ts'
import { BuildError } from './build-error.ts'
import { buildGraph, outline, vertexDigest } from './build-graph.ts'
import type { BuildParts } from './builder-options.ts'
import { comparableBuild } from './cache-reason.ts'
import type { ContextTree } from './context-tree.ts'
import type { BuildEvent, BuildRecord, BuildRequest, BuildResult } from './contract.ts'
import { ImportedCache } from './imported-cache.ts'
import { type Plan, planBuild, sourcesNamed, triggersOf } from './plan.ts'
import { solve } from './solver.ts'
import { StepExecutor } from './step-executor.ts'
import { manifestOf, type StepImage } from './step-image.ts'

/** One build, from its request to its image. */
export class Build {
  readonly #parts: BuildParts
  readonly #request: BuildRequest
  readonly #emit: (event: BuildEvent) => void
  readonly #signal: AbortSignal
  readonly #id = newId().slice(0, 32)
  readonly #startedAt = new Date()
  readonly #warnings: CheckWarning[] = []

  constructor(parts: BuildParts, request: BuildRequest, emit: (event: BuildEvent) => void, signal: AbortSignal) {
    this.#parts = parts
    this.#request = request
    this.#emit = emit
    this.#signal = signal
  }

  async run(): Promise<BuildResult> {
    const tags = (this.#request.tags ?? []).map(tagName)
    if (this.#request.squash) throw new BuildError('squash is only supported with experimental mode', { status: 400 })
    const scratch = join(this.#parts.steps, `build-${this.#id}`)
    await mkdir(scratch, { recursive: true, mode: 0o700 })
    const { contexts, removals } = this.#parts
    let used: ContextTree | undefined
    const held = contexts.hold()
    try {
      const context = await openContext(this.#request, contexts, scratch, this.#signal)
      used = context.tree
      this.#emit({ type: 'context', bytes: context.bytes, files: context.tree.size })
      return await this.#build(context, tags, scratch)
    } finally {
      held[Symbol.dispose]()
      removals.add(rm(scratch, { recursive: true, force: true }))
      if (used) removals.add(contexts.shrink(used))
    }
  }

  async #build(context: OpenedContext, tags: readonly string[], scratch: string): Promise<BuildResult> {
    const { content, host, store } = this.#parts
    const file = parse(context)
    const plan = planBuild(file, this.#request)
    this.#emit({ type: 'plan', vertexes: outline(plan, this.#request), totalSteps: plan.totalSteps })
    using lease = content.lease()
    const images = await this.#images(plan, lease)
    this.#check(plan, context, images)
    const { graph, order } = buildGraph({ plan, request: this.#request, images })
    this.#emit({ type: 'plan', vertexes: order, totalSteps: plan.totalSteps })
    const previous = comparableBuild(store.builds(), {
      tags,
      dockerfile: context.dockerfileName,
      source: context.dockerfile,
    })
    await using executor = new StepExecutor({
      ...this.#parts,
      networks: host.networks,
      folder: this.#parts.steps,
      scratch,
      request: this.#request,
      context: context.tree,
      graph,
      lease,
      imported: new ImportedCache(this.#cacheFrom(), content, lease),
      previous,
      emit: this.#emit,
    })
    try {
      const { result } = await solve(graph, executor, this.#emit, this.#signal)
      await this.#store(result, lease)
      for (const tag of tags) {
        await host.images.tag(result.id, tag)
        this.#emit({ type: 'tagged', reference: tag, id: result.id })
      }
      this.#emit({ type: 'image', id: result.id })
      host.images.built(result.id)
      this.#finish(executor, context, tags, { outcome: 'succeeded', imageId: result.id })
      return {
        imageId: result.id,
        tags,
        warnings: this.#warnings.length,
        record: this.#id,
        unused: unusedArgs(plan, this.#request),
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // the last good step can be run, to look at what went wrong: `docker run -it <id> sh`
      if (executor.failedOn?.history.length && !this.#signal.aborted) await this.#store(executor.failedOn, lease)
      this.#finish(executor, context, tags, { outcome: this.#signal.aborted ? 'cancelled' : 'failed', error: message })
      throw error
    }
  }

  /** Base images and those that COPY --from names, side by side. */
  async #images(plan: Plan, lease: Lease): Promise<Map<string, Image>> {
    const images = new Map<string, Image>()
    const find = async (reference: string, vertex: string): Promise<void> => {
      if (images.has(reference)) return
      const image = await this.#image(reference, vertex)
      lease.blob(image.manifest.digest, image.configDescriptor.digest, ...image.layers.map(({ digest }) => digest))
      if (image.chainId !== undefined) {
        lease.layer(image.chainId)
        if (!this.#parts.content.layers.get(image.chainId))
          await this.#parts.content.layers.unpackImage(image.layers, image.diffIds, lease)
      }
      images.set(reference, image)
    }
    await Promise.all(
      plan.stages.map(async ({ base, stage, index }) => {
        const vertex = vertexDigest('from', index, stage.source)
        if (base.kind === 'image') await find(base.reference, vertex)
        const triggers =
          base.kind === 'image'
            ? triggersOf(images.get(base.reference)?.config.config?.OnBuild ?? [], stage.startLine)
            : []
        for (const source of sourcesNamed(plan.file, [...triggers, ...stage.instructions], index))
          if (source.kind === 'image') await find(source.reference, vertex)
      }),
    )
    return images
  }

  async #image(reference: string, vertex: string): Promise<Image> {
    const { content, host } = this.#parts
    const local = find(content, reference)
    if (local && !this.#request.pull) return local
    const id = await host.images.pull(reference, {
      ...(this.#request.auths ? { auths: this.#request.auths } : {}),
      signal: this.#signal,
      onProgress: ({ id: layer = '', status, current, total }) =>
        this.#emit({
          type: 'progress',
          vertex,
          id: layer,
          status,
          ...(current === undefined ? {} : { current }),
          ...(total === undefined ? {} : { total }),
        }),
    })
    const pulled = content.images.find(id)
    if (!pulled) throw new Error(`Cannot find the image ${id} that was pulled for ${reference}`)
    return pulled
  }

  #cacheFrom(): Image[] {
    return (this.#request.cacheFrom ?? [])
      .map((reference) => find(this.#parts.content, reference))
      .filter((image) => image !== undefined)
  }

  #check(plan: Plan, context: OpenedContext, images: ReadonlyMap<string, Image>): void {
    const { warnings, violation } = checkDockerfile(plan.file, {
      buildArgs: plan.buildArgs,
      ...(this.#request.target ? { target: this.#request.target } : {}),
      stages: new Set(plan.stages.map(({ index }) => index)),
      ignore: context.ignore,
      baseConfig: (index) => {
        const base = plan.stages.find((stage) => stage.index === index)?.base
        const config = base?.kind === 'image' ? images.get(base.reference)?.config.config : undefined
        return config ? { environment: config.Env ?? [], shell: (config.Shell ?? []).length > 0 } : undefined
      },
    })
    this.#warnings.push(...warnings)
    for (const { rule, message, description, url, startLine } of warnings)
      this.#emit({ type: 'warning', rule, message, detail: description, url, line: startLine })
    if (violation) throw new BuildError(violation, { status: 400 })
  }

  async #store(result: StepImage, lease: Lease): Promise<void> {
    const { content } = this.#parts
    if (content.images.get(result.id)) return
    if (result.history.length === 0) throw new BuildError('No image was generated. Is your Dockerfile empty?')
    const [manifest] = await Promise.all([
      content.blobs.put(JSON.stringify(manifestOf(result)), { lease }),
      content.blobs.put(result.encoded, { lease }),
    ])
    await content.images.add({ manifest: manifest.digest, ...(result.base ? { parent: result.base.id } : {}) })
  }

  #finish(
    executor: StepExecutor,
    context: OpenedContext,
    tags: readonly string[],
    end: Pick<BuildRecord, 'outcome'> & Partial<Pick<BuildRecord, 'imageId' | 'error'>>,
  ): void {
    const record: BuildRecord = {
      id: this.#id,
      startedAt: this.#startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      ...end,
      tags,
      dockerfile: context.dockerfileName,
      source: context.dockerfile,
      contextBytes: context.bytes,
      steps: executor.steps,
      warnings: this.#warnings.map(({ rule, message, startLine }) => ({ rule, message, line: startLine })),
    }
    this.#parts.store.finish({
      record,
      steps: executor.createdSteps,
      usedLayers: executor.usedLayers,
      digests: executor.digests,
    })
  }
}

function find(content: BuildParts['content'], reference: string): Image | undefined {
  try {
    return content.images.find(reference)
  } catch (error) {
    throw new BuildError(error instanceof Error ? error.message : String(error), { status: 400 })
  }
}

function tagName(tag: string): string {
  try {
    const name = parseNormalizedName(tag)
    if (name.digest !== undefined) throw new BuildError('build tag cannot contain a digest', { status: 400 })
    return familiarString(withTagDefault(name))
  } catch (error) {
    if (error instanceof BuildError) throw error
    throw new BuildError(error instanceof Error ? error.message : String(error), { status: 400 })
  }
}

function parse(context: OpenedContext): Dockerfile {
  try {
    return parseDockerfile(context.dockerfile, { name: context.dockerfileName })
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    const empty = context.dockerfile === ''
    const message =
      error.phase === 'syntax' && !empty ? `failed to parse ${context.dockerfileName}: ${error.message}` : error.message
    throw new BuildError(message, { status: 400, line: error.line })
  }
}

const builtin = /^(https?|ftp|no|all)_proxy$/i

function unusedArgs(plan: Plan, request: BuildRequest): string[] {
  return Object.keys(request.buildArgs ?? {})
    .filter((name) => !plan.consumed.has(name) && !builtin.test(name))
    .sort()
}
