import { join } from 'node:path'
import type { Linux } from '../../linux/index.ts'
import { type ChainId, type Content, chainIdOf, type Lease } from '../../oci/index.ts'
import { resolveUser } from '../spec/index.ts'
import type { BuildGraph, Work } from './build-graph.ts'
import type { CacheStore, LayerRecord } from './cache-store.ts'
import type { ContextStore } from './context-store.ts'
import type { ContextTree } from './context-tree.ts'
import type { BuildEvent, BuildRecord, BuildRequest, BuildStepRecord, CacheReason } from './contract.ts'
import { ContextSource, keepEverything } from './copy-source.ts'
import { copySelection, makeFolder, type Selection, selectSources } from './copy-step.ts'
import { downloadSource } from './download.ts'
import type { BuildNetworks } from './host.ts'
import { ImageSources } from './image-sources.ts'
import type { ImportedCache } from './imported-cache.ts'
import type { CopyOperation, RunOperation, Source, WorkdirOperation } from './operation.ts'
import type { CacheMounts } from './run-mounts.ts'
import { runStep } from './run-step.ts'
import type { Completion, Executor, GraphVertex } from './solver.ts'
import { nextImage, type StepImage } from './step-image.ts'
import { type Input, inputOf, resultOf } from './step-inputs.ts'
import { configurationKey, copyKey, runKey, workdirKey } from './step-key.ts'
import { StepRecords } from './step-records.ts'
import type { Removals, WorkingRoot } from './working-root.ts'

export interface StepExecutorOptions {
  readonly content: Content
  readonly linux: Linux
  readonly networks: BuildNetworks
  readonly store: CacheStore
  readonly contexts: ContextStore
  readonly caches: CacheMounts
  /** Where mounts and half-made things of steps lie. */
  readonly folder: string
  /** Of this build alone; gone with it. */
  readonly scratch: string
  readonly removals: Removals
  /** The layer between an image and a RUN step's own. */
  readonly initLayer: string
  readonly request: BuildRequest
  readonly context: ContextTree
  readonly graph: BuildGraph
  readonly lease: Lease
  readonly imported: ImportedCache
  readonly previous: BuildRecord | undefined
  readonly emit: (event: BuildEvent) => void
}

type BuildVertex = GraphVertex<Work>
type StepWork = Extract<Work, { kind: 'step' }>
type LayerChange = { chainId: ChainId | undefined; layer?: NonNullable<LayerRecord['layer']> }

/** Does the steps of one build, and remembers what became of them. */
export class StepExecutor implements Executor<Work, StepImage>, AsyncDisposable {
  /** The image below the step that failed. */
  failedOn: StepImage | undefined
  readonly usedLayers: string[] = []
  readonly createdSteps = new Map<string, string>()
  readonly #options: StepExecutorOptions
  readonly #selections = new Map<string, Selection>()
  readonly #records: StepRecords
  readonly #images: ImageSources
  #downloads = 0

  constructor(options: StepExecutorOptions) {
    this.#options = options
    this.#records = new StepRecords(options.previous)
    this.#images = new ImageSources(options)
  }

  get steps(): readonly BuildStepRecord[] {
    return this.#records.steps
  }

  get digests(): ImageSources['digests'] {
    return this.#images.digests
  }

  async key(vertex: BuildVertex, inputs: readonly Input[], signal: AbortSignal): Promise<string> {
    const { work } = vertex
    this.#records.begin(vertex)
    if (work.kind === 'from') return `image:${(inputs[0]?.result ?? work.image).id}`
    const parent = resultOf(inputs[0])
    const { step } = work
    const { key, source, files } = await this.#stepKey(vertex.vertex.digest, work, parent, inputs, signal).catch(
      (error: unknown) => {
        if (!signal.aborted) this.failedOn ??= parent
        throw error
      },
    )
    this.#records.inputs(vertex, {
      parent: step.operation ? (parent.chainId ?? 'scratch') : parent.id,
      effective: step.createdBy(''),
      args: step.args,
      environment: step.environment,
      files,
      source,
    })
    return key
  }

  async #stepKey(
    id: string,
    work: StepWork,
    parent: StepImage,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<{ key: string; source: string; files: Readonly<Record<string, string>> }> {
    const { step } = work
    const { operation } = step
    if (!operation) return { key: configurationKey(step, parent), source: '', files: {} }
    if (operation.type === 'workdir') return { key: workdirKey(operation, parent), source: '', files: {} }
    if (operation.type === 'run') {
      const sources = await this.#mountSources(operation, work, inputs)
      return { key: runKey(operation, parent, sources), source: sources.join(' '), files: {} }
    }
    const selection = await this.#select(operation, work, inputs, signal)
    this.#selections.set(id, selection)
    return { key: copyKey(operation, parent, selection.hash), source: selection.hash, files: selection.files }
  }

  async #mountSources(operation: RunOperation, work: StepWork, inputs: readonly Input[]): Promise<string[]> {
    const found: string[] = []
    for (const mount of operation.mounts) {
      if (mount.type !== 'bind') continue
      if (mount.origin.kind !== 'context') {
        found.push(`${inputOf(mount.origin, work.sources, inputs).chainId ?? 'scratch'}:${mount.source}`)
        continue
      }
      const source = this.#contextSource()
      const item = await source.item(mount.source)
      found.push(item ? (await source.digest(item, keepEverything)).digest : 'absent')
    }
    return found
  }

  async #select(
    operation: CopyOperation,
    work: StepWork,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<Selection> {
    const download = (address: string) =>
      downloadSource(address, {
        folder: join(this.#options.scratch, `download-${this.#downloads++}`),
        checksum: operation.checksum,
        keepGitDir: operation.keepGitDir,
        signal,
      })
    if (operation.source.kind === 'context') return await selectSources(operation, this.#contextSource(), download)
    const image = inputOf(operation.source, work.sources, inputs)
    return await selectSources(operation, this.#images.of(image), download)
  }

  #contextSource(): ContextSource {
    return new ContextSource(this.#options.context, this.#options.contexts)
  }

  async load(
    vertex: BuildVertex,
    key: string,
    inputs: readonly Input[],
  ): Promise<{ result: StepImage; reason: CacheReason } | undefined> {
    const { work } = vertex
    const { request, store, lease, content } = this.#options
    if (work.kind === 'from') return undefined
    const parent = resultOf(inputs[0])
    if (request.noCache) return undefined
    if (!work.step.operation) {
      const created = store.stepCreatedAt(key)
      if (created === undefined) return await this.#import(vertex, key, parent)
      return this.#hit(vertex, key, this.#next(vertex, parent, created, { chainId: parent.chainId }), 'local')
    }
    const record = store.layer(key)
    if (!record) return await this.#import(vertex, key, parent)
    const layer = record.layer
    if (!layer)
      return this.#hit(vertex, key, this.#next(vertex, parent, record.createdAt, { chainId: parent.chainId }), 'local')
    const chainId = chainIdOf(parent.chainId, layer.diffId)
    lease.layer(chainId)
    lease.blob(layer.descriptor.digest)
    if (!(await content.blobs.has(layer.descriptor.digest))) return undefined
    if (!content.layers.get(chainId))
      // a linked copy onto another base, or a folder that was collected: the blob brings it back
      await content.layers.unpack(layer.descriptor, {
        diffId: layer.diffId,
        lease,
        ...(parent.chainId === undefined ? {} : { parent: parent.chainId }),
      })
    return this.#hit(vertex, key, this.#next(vertex, parent, record.createdAt, { chainId, layer }), 'local')
  }

  /** From the images that `cache-from` names. */
  async #import(
    vertex: BuildVertex,
    key: string,
    parent: StepImage,
  ): Promise<{ result: StepImage; reason: CacheReason } | undefined> {
    const { work } = vertex
    if (work.kind === 'from') return undefined
    const createdBy = this.#createdBy(vertex)
    const found = await this.#options.imported.find(parent, createdBy)
    if (!found) return undefined
    const result = this.#next(vertex, parent, found.created, found.layer ? found : { chainId: parent.chainId })
    this.#remember(vertex, key, parent, found.created, found)
    return this.#hit(vertex, key, result, 'cache-from')
  }

  #hit(
    vertex: BuildVertex,
    key: string,
    result: StepImage,
    from: 'local' | 'cache-from',
  ): { result: StepImage; reason: CacheReason } {
    const reason: CacheReason = { kind: 'hit', from, record: key }
    if (vertex.work.kind === 'step') {
      if (vertex.work.step.operation) this.usedLayers.push(key)
      else this.createdSteps.set(key, result.created)
    }
    this.#records.add(vertex, result, 'cached', reason)
    return { result, reason }
  }

  async run(
    vertex: BuildVertex,
    key: string,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<{ result: StepImage; reason: CacheReason }> {
    const { work } = vertex
    if (work.kind === 'from') return this.#from(vertex, work, inputs)
    const parent = resultOf(inputs[0])
    const reason = this.#records.reason(vertex, this.#options.request.noCache ?? false)
    try {
      const change = await this.#change(vertex, work, parent, inputs, signal)
      const created = new Date().toISOString()
      this.#remember(vertex, key, parent, created, change)
      const result = this.#next(vertex, parent, created, change)
      this.#records.add(vertex, result, 'ran', reason)
      return { result, reason }
    } catch (error) {
      if (!signal.aborted) this.failedOn ??= parent
      this.#records.add(vertex, undefined, signal.aborted ? 'cancelled' : 'failed', reason)
      throw error
    }
  }

  #from(
    vertex: BuildVertex,
    work: Extract<Work, { kind: 'from' }>,
    inputs: readonly Input[],
  ): { result: StepImage; reason: CacheReason } {
    const below = inputs[0]?.result
    const result = below ? { ...below, config: work.image.config } : work.image
    const { lease } = this.#options
    for (const layer of result.layers) lease.blob(layer.digest)
    if (result.chainId !== undefined) lease.layer(result.chainId)
    if (vertex.vertex.kind !== 'from') return { result, reason: { kind: 'hit', from: 'local', record: result.id } }
    this.#records.inputs(vertex, {
      parent: result.id,
      effective: work.reference,
      args: {},
      environment: [],
      files: {},
      source: result.id,
    })
    const before = this.#records.previous(vertex)
    const reason: CacheReason =
      before && before.inputs.source !== result.id && work.reference !== ''
        ? { kind: 'base-image-changed', from: before.inputs.source, to: result.id }
        : { kind: 'hit', from: 'local', record: result.id }
    this.#records.add(vertex, result, 'cached', reason)
    return { result, reason }
  }

  async #change(
    vertex: BuildVertex,
    work: StepWork,
    parent: StepImage,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<LayerChange> {
    const { operation } = work.step
    switch (operation?.type) {
      case undefined:
        return { chainId: parent.chainId }
      case 'workdir':
        return await this.#workdir(operation, parent, signal)
      case 'copy':
        return await this.#copy(vertex.vertex.digest, operation, parent, signal)
      case 'run':
        return await this.#run(vertex, operation, work.sources, parent, inputs, signal)
    }
  }

  async #workdir(operation: WorkdirOperation, parent: StepImage, signal: AbortSignal): Promise<LayerChange> {
    await using working = await this.#images.open(parent)
    const user = operation.user === '' ? undefined : resolveUser(operation.user, working.root)
    await makeFolder(working.root, operation.path, user)
    return await this.#pack(working, parent, signal)
  }

  async #copy(id: string, operation: CopyOperation, parent: StepImage, signal: AbortSignal): Promise<LayerChange> {
    const selection = this.#selections.get(id)
    if (!selection) throw new Error('Cannot copy: the sources have not been looked at')
    await using working = await this.#images.open(parent)
    if (!operation.link) {
      await copySelection(operation, selection, working.root)
      return await this.#pack(working, parent, signal)
    }
    // --link: the files make a layer of their own, whatever lies beneath
    working.unmount()
    await copySelection(operation, selection, working.upper)
    return await this.#pack(working, parent, signal)
  }

  async #run(
    vertex: BuildVertex,
    operation: RunOperation,
    sources: readonly Source[],
    parent: StepImage,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<LayerChange> {
    const { linux, networks, request, caches, emit, initLayer } = this.#options
    const id = vertex.vertex.digest
    await using working = await this.#images.open(parent, initLayer)
    await runStep(operation, working, {
      linux,
      networks,
      request,
      signal,
      mounts: {
        caches,
        secrets: request.secrets ?? {},
        source: async (mount) =>
          mount.origin.kind === 'context'
            ? this.#contextSource()
            : this.#images.of(inputOf(mount.origin, sources, inputs)),
      },
      onStarted: (container) => emit({ type: 'running', vertex: id, container }),
      onOutput: ({ stream, data }) => emit({ type: 'log', vertex: id, stream: stream === 'stdout' ? 1 : 2, data }),
    })
    const change = await this.#pack(working, parent, signal)
    emit({ type: 'removed', vertex: id, container: working.id })
    return change
  }

  async #pack(working: WorkingRoot, parent: StepImage, signal: AbortSignal): Promise<LayerChange> {
    const packed = await working.pack(this.#options.lease, signal)
    if (!packed) return { chainId: parent.chainId }
    const { layer, descriptor } = packed
    return { chainId: layer.chainId, layer: { diffId: layer.diffId, descriptor, bytes: layer.size } }
  }

  #remember(vertex: BuildVertex, key: string, parent: StepImage, created: string, change: LayerChange): void {
    const { work } = vertex
    if (work.kind === 'from') return
    if (!work.step.operation) {
      this.createdSteps.set(key, created)
      return
    }
    const record: LayerRecord = {
      key,
      parentChain: parent.chainId,
      chainId: change.chainId,
      ...(change.layer ? { layer: change.layer } : {}),
      createdAt: created,
      lastUsedAt: new Date().toISOString(),
      uses: 1,
      description: `[${vertex.vertex.stage} ${vertex.vertex.step}/${vertex.vertex.steps}] ${work.step.source}`,
    }
    this.#options.store.putLayer(record, work.step.operation.type === 'run' ? 'now' : 'at-end')
  }

  #createdBy(vertex: BuildVertex): string {
    if (vertex.work.kind === 'from') return ''
    return vertex.work.step.createdBy(this.#selections.get(vertex.vertex.digest)?.hash ?? '')
  }

  #next(vertex: BuildVertex, parent: StepImage, created: string, change: LayerChange): StepImage {
    if (vertex.work.kind === 'from') return vertex.work.image
    const { config, author } = vertex.work.step
    return nextImage(parent, { config, author, createdBy: this.#createdBy(vertex), created, ...change })
  }

  describe(result: StepImage): Completion {
    return {
      image: result.id,
      ...(result.layer ? { layer: result.layer.diffId } : {}),
      bytes: result.layer?.bytes ?? 0,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#images[Symbol.asyncDispose]()
  }
}
