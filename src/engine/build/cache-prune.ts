import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildError } from './build-error.ts'
import type { BuildParts } from './builder-options.ts'
import type { BuildCacheRecord, PruneRequest } from './contract.ts'

interface Candidate {
  readonly record: BuildCacheRecord
  readonly remove: () => Promise<void> | void
}

const hour = 3_600_000

/** What the cache holds, and what may go. */
export class CachePruner {
  readonly #parts: BuildParts

  constructor(parts: BuildParts) {
    this.#parts = parts
  }

  async records(): Promise<BuildCacheRecord[]> {
    return (await this.#candidates()).map(({ record }) => record)
  }

  async #candidates(): Promise<Candidate[]> {
    return [...this.#layers(), ...(await this.#contexts()), ...(await this.#mounts())]
  }

  #layers(): Candidate[] {
    const { store, content } = this.#parts
    const used = new Set(content.images.list().flatMap(({ diffIds }) => diffIds))
    const byChain = new Map(store.layers().map((record) => [record.chainId, record.key]))
    return store.layers().map((entry) => {
      const parent = entry.parentChain === undefined ? undefined : byChain.get(entry.parentChain)
      return {
        record: {
          ID: entry.key.slice(0, 25),
          ...(parent === undefined ? {} : { Parents: [parent.slice(0, 25)] }),
          Type: 'regular',
          Description: entry.description,
          InUse: false,
          // what an image has too is not freed by forgetting it here
          Shared: entry.layer !== undefined && used.has(entry.layer.diffId),
          Size: entry.layer?.bytes ?? 0,
          CreatedAt: entry.createdAt,
          LastUsedAt: entry.lastUsedAt,
          UsageCount: entry.uses,
        },
        remove: () => store.removeLayer(entry.key),
      }
    })
  }

  async #contexts(): Promise<Candidate[]> {
    const { contexts } = this.#parts
    await contexts.load()
    const files = contexts.list()
    if (files.size === 0) return []
    const now = new Date().toISOString()
    return [
      {
        record: {
          ID: 'context',
          Type: 'source.local',
          Description: `files of build contexts (${files.size})`,
          InUse: contexts.inUse,
          Shared: false,
          Size: contexts.bytes,
          CreatedAt: now,
          LastUsedAt: now,
          UsageCount: 1,
        },
        remove: async () => {
          for (const digest of [...files.keys()]) await contexts.remove(digest)
        },
      },
    ]
  }

  async #mounts(): Promise<Candidate[]> {
    const { caches } = this.#parts
    const names = await readdir(caches.folder).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    })
    return await Promise.all(
      names.map(async (name) => {
        const folder = join(caches.folder, name)
        const found = await stat(folder)
        const id = await readFile(join(folder, 'id'), 'utf8').catch(() => name)
        return {
          record: {
            ID: name.slice(0, 25),
            Type: 'exec.cachemount' as const,
            Description: `cached mount ${id}`,
            InUse: caches.inUse(name),
            Shared: false,
            Size: await sizeOf(folder),
            CreatedAt: found.birthtime.toISOString(),
            LastUsedAt: found.mtime.toISOString(),
            UsageCount: 1,
          },
          remove: () => rm(folder, { recursive: true, force: true }),
        }
      }),
    )
  }

  async prune(request: PruneRequest): Promise<{ deleted: string[]; reclaimedBytes: number }> {
    const matches = filterOf(request.filters ?? {})
    const candidates = (await this.#candidates())
      .filter(({ record }) => !record.InUse && matches(record))
      // without `all` only what is of no use to any image goes
      .filter(({ record }) => request.all || !record.Shared)
      .sort((left, right) => (left.record.LastUsedAt ?? '').localeCompare(right.record.LastUsedAt ?? ''))
    const keep = request.reservedSpaceBytes ?? request.keepStorageBytes ?? 0
    let left = (await this.records()).reduce((sum, { Size, Shared }) => sum + (Shared ? 0 : Size), 0)
    const deleted: string[] = []
    let reclaimedBytes = 0
    for (const { record, remove } of candidates) {
      if (keep > 0 && left <= keep) break
      await remove()
      deleted.push(record.ID)
      if (record.Shared) continue
      left -= record.Size
      reclaimedBytes += record.Size
    }
    const { content, store } = this.#parts
    if (deleted.length > 0) {
      await content.collectGarbage()
      const alive = new Set<string>(content.layers.list().map(({ chainId }) => chainId))
      store.forgetDigests((chain) => alive.has(chain))
    }
    return { deleted, reclaimedBytes }
  }
}

const filterNames = ['until', 'unused-for', 'id', 'parent', 'type', 'description', 'inuse', 'shared', 'private']

function filterOf(filters: Readonly<Record<string, readonly string[]>>): (record: BuildCacheRecord) => boolean {
  for (const name of Object.keys(filters))
    if (!filterNames.includes(name)) throw new BuildError(`invalid filter '${name}'`, { status: 400 })
  const any = (name: string, test: (value: string) => boolean) => {
    const values = filters[name] ?? []
    return values.length === 0 || values.some(test)
  }
  return (record) =>
    [...(filters.until ?? []), ...(filters['unused-for'] ?? [])].every(
      (text) => Date.parse(record.LastUsedAt ?? record.CreatedAt) < momentOf(text),
    ) &&
    any('id', (value) => record.ID.startsWith(value)) &&
    any('parent', (value) => (record.Parents ?? []).some((parent) => parent.startsWith(value))) &&
    any('type', (value) => record.Type === value) &&
    any('description', (value) => record.Description.includes(value)) &&
    any('inuse', (value) => record.InUse === (value !== 'false' && value !== '0')) &&
    any('shared', (value) => record.Shared === (value !== 'false' && value !== '0')) &&
    any('private', (value) => record.Shared !== (value !== 'false' && value !== '0'))
}

/** `24h`, `90m`, or a moment. */
function momentOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|m|s|d)/g)]
  if (parts.length > 0 && parts.map(([whole]) => whole).join('') === text) {
    const unit: Readonly<Record<string, number>> = { d: 24 * hour, h: hour, m: 60_000, s: 1000 }
    return Date.now() - parts.reduce((sum, [, count, name = 's']) => sum + Number(count) * (unit[name] ?? 0), 0)
  }
  const moment = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (Number.isNaN(moment)) throw new BuildError(`invalid filter 'until=${text}'`, { status: 400 })
  return moment
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size
  return bytes
}
