import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../engine-error.ts'
import { Build } from './build.ts'
import { BuildError } from './build-error.ts'
import { buildLegacy } from './build-legacy.ts'
import type { BuildParts, CreateBuilder } from './builder-options.ts'
import { CachePruner } from './cache-prune.ts'
import { CacheStore } from './cache-store.ts'
import { ContextStore } from './context-store.ts'
import type {
  BuildCacheRecord,
  BuildEvent,
  Builder,
  BuildRecord,
  BuildRequest,
  BuildResult,
  LegacyBuildMessage,
  PruneRequest,
} from './contract.ts'
import { makeInitLayer } from './init-layer.ts'
import { recoverSteps } from './recover-steps.ts'
import { CacheMounts } from './run-mounts.ts'
import { Removals } from './working-root.ts'

export const createBuilder: CreateBuilder = async (options) => {
  const initLayer = join(options.folder, 'init')
  await mkdir(join(options.folder, 'steps'), { recursive: true, mode: 0o700 })
  await makeInitLayer(initLayer)
  return new LocalBuilder({
    ...options,
    store: new CacheStore(join(options.folder, 'cache.db')),
    contexts: new ContextStore(join(options.folder, 'contexts')),
    caches: new CacheMounts(join(options.folder, 'mounts')),
    steps: join(options.folder, 'steps'),
    initLayer,
    removals: new Removals((error) => options.log.warn({ err: error }, 'what a build step left could not be removed')),
  })
}

class LocalBuilder implements Builder {
  readonly #parts: BuildParts
  readonly #roots: Disposable
  readonly #running = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()

  constructor(parts: BuildParts) {
    this.#parts = parts
    // what the cache remembers must not be swept
    this.#roots = parts.content.addRoots(() => {
      const records = parts.store.layers()
      return {
        layers: records.flatMap(({ chainId, layer }) => (chainId !== undefined && layer ? [chainId] : [])),
        blobs: records.flatMap(({ layer }) => (layer ? [layer.descriptor.digest] : [])),
      }
    })
  }

  async build(request: BuildRequest, emit: (event: BuildEvent) => void, signal: AbortSignal): Promise<BuildResult> {
    const build = new Build(this.#parts, request, emit, AbortSignal.any([signal, this.#closing.signal])).run()
    this.#running.add(build)
    try {
      return await build
    } catch (error) {
      if (!signal.aborted && !isUsers(error))
        this.#parts.log.error({ err: error }, 'a build failed through no fault of its own')
      throw error
    } finally {
      this.#running.delete(build)
    }
  }

  buildLegacy(request: BuildRequest, signal: AbortSignal): AsyncGenerator<LegacyBuildMessage, void, undefined> {
    return buildLegacy((emit, stop) => this.build(request, emit, stop), request, signal)
  }

  async cacheRecords(): Promise<readonly BuildCacheRecord[]> {
    return await new CachePruner(this.#parts).records()
  }

  async prune(request: PruneRequest): Promise<{ deleted: readonly string[]; reclaimedBytes: number }> {
    return await new CachePruner(this.#parts).prune(request)
  }

  history(): readonly BuildRecord[] {
    return this.#parts.store.builds()
  }

  historyOf(imageId: string): BuildRecord | undefined {
    return this.#parts.store.builds().find((build) => build.imageId === imageId)
  }

  async recover(): Promise<void> {
    await recoverSteps(this.#parts.steps, this.#parts.linux, this.#parts.log)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the daemon is stopping'))
    await Promise.allSettled(this.#running)
    await this.#parts.removals.settled()
    this.#roots[Symbol.dispose]()
    this.#parts.store[Symbol.dispose]()
  }
}

function isUsers(error: unknown): boolean {
  return (
    error instanceof BuildError ||
    error instanceof EngineError ||
    (error instanceof Error && (error.name === 'TransferError' || error.name === 'OciError'))
  )
}
