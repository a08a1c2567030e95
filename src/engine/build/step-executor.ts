import { join } from 'node:path'
import type { Linux } from '../../linux/index.ts'
import { type ChainId, type Content, chainIdOf, type Lease } from '../../oci/index.ts'
import { resolveUser } from '../spec/index.ts'
import type { BuildGraph, Work } from './build-graph.ts'
import { missReason } from './cache-reason.ts'
import type { CacheStore, LayerRecord } from './cache-store.ts'
import type { ContextStore } from './context-store.ts'
import type { ContextTree } from './context-tree.ts'
import type {
  BuildEvent,
  BuildRecord,
  BuildRequest,
  BuildStepInputs,
  BuildStepRecord,
  CacheReason,
} from './contract.ts'
import { ContextSource, type CopySource, keepEverything, RootSource } from './copy-source.ts'
import { copySelection, makeFolder, type Selection, selectSources } from './copy-step.ts'
import { downloadFile } from './download.ts'
import type { BuildNetworks } from './host.ts'
import type { ImportedCache } from './imported-cache.ts'
import type { CopyOperation, RunOperation, Source, Step, WorkdirOperation } from './operation.ts'
import type { CacheMounts } from './run-mounts.ts'
import { runStep } from './run-step.ts'
import type { Completion, Executor, GraphVertex, Solved } from './solver.ts'
import { nextImage, type StepImage } from './step-image.ts'
import { configurationKey, copyKey, runKey, workdirKey } from './step-key.ts'
import { type Removals, WorkingRoot } from './working-root.ts'

export interface StepExecutorOptions {
  readonly content: Content
  readonly linux: Linux
  readonly networks: BuildNetworks
  readonly store: CacheStore
  readonly contexts: ContextStore
  readonly caches: CacheMounts
  /** Where mounts and half-made things of steps lie. */
  readonly folder: string
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

type Input = Solved<StepImage>
type BuildVertex = GraphVertex<Work>
type LayerChange = { chainId: ChainId | undefined; layer?: NonNullable<LayerRecord['layer']> }

/** Does the steps of one build, and remembers what became of them. */
export class StepExecutor implements Executor<Work, StepImage>, AsyncDisposable {
  readonly steps: BuildStepRecord[] = []
  readonly usedLayers: string[] = []
  readonly createdSteps = new Map<string, string>()
  readonly digests = new Map<string, { value: string; chain: string }>()
  readonly #options: StepExecutorOptions
  readonly #selections = new Map<string, Selection>()
  readonly #inputs = new Map<string, BuildStepInputs>()
  readonly #begun = new Map<string, number>()
  readonly #roots = new Map<string, Promise<WorkingRoot>>()
  readonly #missed = new Map<string, string>()
  #downloads = 0

  constructor(options: StepExecutorOptions) {
    this.#options = options
  }

  async key({ vertex, work }: BuildVertex, inputs: readonly Input[], signal: AbortSignal): Promise<string> {
    this.#begun.set(vertex.digest, performance.now())
    if (work.kind === 'from') return `image:${(inputs[0]?.result ?? work.image).id}`
    const parent = resultOf(inputs[0])
    const { step } = work
    const { key, source, files } = await this.#stepKey(vertex.digest, step, work, parent, inputs, signal)
    this.#inputs.set(vertex.digest, {
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
    step: Step,
    work: Extract<Work, { kind: 'step' }>,
    parent: StepImage,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<{ key: string; source: string; files: Readonly<Record<string, string>> }> {
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

  async #mountSources(
    operation: RunOperation,
    work: Extract<Work, { kind: 'step' }>,
    inputs: readonly Input[],
  ): Promise<string[]> {
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
    work: Extract<Work, { kind: 'step' }>,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<Selection> {
    const download = (address: string) =>
      downloadFile(address, {
        folder: join(this.#options.folder, `download-${this.#downloads++}-${process.pid}`),
        checksum: operation.checksum,
        onProgress: () => undefined,
        signal,
      })
    if (operation.source.kind === 'context') return await selectSources(operation, this.#contextSource(), download)
    const image = inputOf(operation.source, work.sources, inputs)
    return await selectSources(operation, await this.#imageSource(image), download)
  }

  #contextSource(): ContextSource {
    return new ContextSource(this.#options.context, this.#options.contexts)
  }

  /** The files of another stage or image, with what has been found out about them before. */
  async #imageSource(image: StepImage): Promise<CopySource> {
    const chain = image.chainId ?? 'scratch'
    const { store } = this.#options
    const lazy = async () => new RootSource((await this.#rootOf(image)).root)
    const known = <T>(key: string, find: (source: CopySource) => Promise<T>): Promise<T> => {
      const name = `${chain} ${key}`
      const text = this.digests.get(name)?.value ?? store.digest(name)
      if (text !== undefined) return Promise.resolve((JSON.parse(text) as { value: T }).value)
      return lazy()
        .then(find)
        .then((value) => {
          this.digests.set(name, { value: JSON.stringify({ value }), chain })
          return value
        })
    }
    const stream = async function* (open: (source: CopySource) => AsyncIterable<Uint8Array>) {
      yield* open(await lazy())
    }
    return {
      item: (path) => known(`item ${path}`, (source) => source.item(path)),
      list: (folder) => known(`list ${folder}`, (source) => source.list(folder)),
      digest: async (item, keep) => {
        // what is left out is part of the question, and cannot be written down: it is asked anew
        if (keep !== keepEverything) return await (await lazy()).digest(item, keep)
        return await known(`digest ${item.path}`, (source) => source.digest(item, keep))
      },
      tar: (item, name, keep) => stream((source) => source.tar(item, name, keep)),
      content: (item) => stream((source) => source.content(item)),
    }
  }

  #rootOf(image: StepImage): Promise<WorkingRoot> {
    const chain = image.chainId ?? 'scratch'
    const known = this.#roots.get(chain)
    if (known) return known
    const opened = this.#open(image)
    this.#roots.set(chain, opened)
    return opened
  }

  #open(image: StepImage, over?: string): Promise<WorkingRoot> {
    const { content, linux, folder, removals } = this.#options
    return WorkingRoot.open({
      content,
      linux,
      folder,
      removals,
      chain: image.chainId,
      ...(over === undefined ? {} : { over }),
    })
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
    this.#record(vertex, result, 'cached', reason)
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
    const reason = this.#reason(vertex)
    this.#missed.set(vertex.vertex.digest, work.step.source)
    try {
      const change = await this.#change(vertex, work, parent, inputs, signal)
      const created = new Date().toISOString()
      this.#remember(vertex, key, parent, created, change)
      const result = this.#next(vertex, parent, created, change)
      this.#record(vertex, result, 'ran', reason)
      return { result, reason }
    } catch (error) {
      this.#record(vertex, undefined, signal.aborted ? 'cancelled' : 'failed', reason)
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
    this.#inputs.set(vertex.vertex.digest, {
      parent: result.id,
      effective: work.reference,
      args: {},
      environment: [],
      files: {},
      source: result.id,
    })
    const before = this.#previousStep(vertex)
    const reason: CacheReason =
      before && before.inputs.source !== result.id && work.reference !== ''
        ? { kind: 'base-image-changed', from: before.inputs.source, to: result.id }
        : { kind: 'hit', from: 'local', record: result.id }
    this.#record(vertex, result, 'cached', reason)
    return { result, reason }
  }

  async #change(
    vertex: BuildVertex,
    work: Extract<Work, { kind: 'step' }>,
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
    await using working = await this.#open(parent)
    const user = operation.user === '' ? undefined : resolveUser(operation.user, working.root)
    await makeFolder(working.root, operation.path, user)
    return await this.#pack(working, parent, signal)
  }

  async #copy(id: string, operation: CopyOperation, parent: StepImage, signal: AbortSignal): Promise<LayerChange> {
    const selection = this.#selections.get(id)
    if (!selection) throw new Error('Cannot copy: the sources have not been looked at')
    await using working = await this.#open(parent)
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
    await using working = await this.#open(parent, initLayer)
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
            : await this.#imageSource(inputOf(mount.origin, sources, inputs)),
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

  #previousStep({ vertex }: BuildVertex): BuildStepRecord | undefined {
    return this.#options.previous?.steps.find(
      ({ stage, step, instruction }) =>
        stage === vertex.stage &&
        step === vertex.step &&
        (vertex.kind !== 'from') === (instruction.slice(0, 4).toUpperCase() !== 'FROM'),
    )
  }

  #reason(vertex: BuildVertex): CacheReason {
    if (this.#options.request.noCache) return { kind: 'no-cache-asked' }
    const inputs = this.#inputs.get(vertex.vertex.digest)
    if (!inputs) return { kind: 'never-built' }
    const broken = this.#missed.get(vertex.vertex.inputs[0] ?? '')
    return missReason(this.#previousStep(vertex), { instruction: vertex.vertex.name, inputs }, broken)
  }

  #record(
    vertex: BuildVertex,
    result: StepImage | undefined,
    outcome: BuildStepRecord['outcome'],
    reason: CacheReason,
  ): void {
    const { digest, stage, step, name, line, endLine } = vertex.vertex
    const inputs = this.#inputs.get(digest)
    if (!inputs || vertex.vertex.kind === 'image') return
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
      durationMs: Math.round((performance.now() - (this.#begun.get(digest) ?? performance.now())) * 1000) / 1000,
      ...(result ? { image: result.id } : {}),
      inputs,
    })
  }

  describe(result: StepImage): Completion {
    return {
      image: result.id,
      ...(result.layer ? { layer: result.layer.diffId } : {}),
      bytes: result.layer?.bytes ?? 0,
    }
  }

  /** The roots that were looked into are let go. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const root of await Promise.allSettled(this.#roots.values()))
      if (root.status === 'fulfilled') await root.value[Symbol.asyncDispose]()
    this.#roots.clear()
  }
}

function resultOf(input: Input | undefined): StepImage {
  if (!input) throw new Error('Cannot do the step: it stands on nothing')
  return input.result
}

/** Sources that are the context have no input of their own. */
function inputOf(source: Source, sources: readonly Source[], inputs: readonly Input[]): StepImage {
  const outside = sources.filter(({ kind }) => kind !== 'context')
  const index = outside.findIndex((candidate) => JSON.stringify(candidate) === JSON.stringify(source))
  return resultOf(inputs[index + 1])
}
