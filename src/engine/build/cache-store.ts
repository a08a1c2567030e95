import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { ChainId, Descriptor, DiffId } from '../../oci/index.ts'
import type { BuildRecord } from './contract.ts'

/** What a step did to the file system. `layer` is absent where it changed nothing. */
export interface LayerRecord {
  readonly key: string
  readonly parentChain: ChainId | undefined
  readonly chainId: ChainId | undefined
  readonly layer?: { readonly diffId: DiffId; readonly descriptor: Descriptor; readonly bytes: number }
  readonly createdAt: string
  readonly lastUsedAt: string
  readonly uses: number
  readonly description: string
}

const schema = `
  CREATE TABLE IF NOT EXISTS layers (
    key TEXT NOT NULL PRIMARY KEY,
    parent_chain TEXT,
    chain TEXT,
    layer TEXT,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    uses INTEGER NOT NULL,
    description TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS steps (key TEXT NOT NULL PRIMARY KEY, created_at TEXT NOT NULL, used INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS digests (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, chain TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS builds (id TEXT NOT NULL PRIMARY KEY, started_at TEXT NOT NULL, record TEXT NOT NULL);
`
const keptBuilds = 100
const keptSteps = 20_000

/** The build cache's records: durable, small, one file. */
export class CacheStore implements Disposable {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Records that go to disk with the build that made them. */
  readonly #pending = new Map<string, LayerRecord>()
  #builds: BuildRecord[]

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.#database = new DatabaseSync(path)
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;')
    this.#database.exec(schema)
    this.#builds = this.#sql('SELECT record FROM builds ORDER BY started_at DESC')
      .all()
      .map(({ record }) => JSON.parse(String(record)) as BuildRecord)
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known) return known
    const statement = this.#database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }

  layer(key: string): LayerRecord | undefined {
    const pending = this.#pending.get(key)
    if (pending) return pending
    const row = this.#sql('SELECT * FROM layers WHERE key = ?').get(key)
    return row && layerOf(row)
  }

  layers(): LayerRecord[] {
    const stored = this.#sql('SELECT * FROM layers').all().map(layerOf)
    return [...stored.filter(({ key }) => !this.#pending.has(key)), ...this.#pending.values()]
  }

  /** What took long is durable at once; the rest is with the end of its build, and costs no disk write of its own. */
  putLayer(record: LayerRecord, when: 'now' | 'at-end'): void {
    if (when === 'now') this.#write(record)
    else this.#pending.set(record.key, record)
  }

  #write(record: LayerRecord): void {
    this.#pending.delete(record.key)
    this.#sql('INSERT OR REPLACE INTO layers VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
      record.key,
      record.parentChain ?? null,
      record.chainId ?? null,
      record.layer ? JSON.stringify(record.layer) : null,
      record.createdAt,
      record.lastUsedAt,
      record.uses,
      record.description,
    )
  }

  removeLayer(key: string): void {
    this.#pending.delete(key)
    this.#sql('DELETE FROM layers WHERE key = ?').run(key)
  }

  /** When the step under this key was first made: the same key gives the same image, to the byte. */
  stepCreatedAt(key: string): string | undefined {
    const row = this.#sql('SELECT created_at FROM steps WHERE key = ?').get(key)
    return row && String(row.created_at)
  }

  digest(key: string): string | undefined {
    const row = this.#sql('SELECT value FROM digests WHERE key = ?').get(key)
    return row && String(row.value)
  }

  /** All that a build has found out, in one durable transaction. */
  finish(build: {
    readonly record: BuildRecord
    readonly steps: ReadonlyMap<string, string>
    readonly usedLayers: readonly string[]
    readonly digests: ReadonlyMap<string, { readonly value: string; readonly chain: string }>
  }): void {
    const now = new Date()
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      for (const [key, createdAt] of build.steps)
        this.#sql('INSERT OR REPLACE INTO steps VALUES (?, ?, ?)').run(key, createdAt, now.getTime())
      for (const record of [...this.#pending.values()]) this.#write(record)
      for (const key of build.usedLayers)
        this.#sql('UPDATE layers SET uses = uses + 1, last_used_at = ? WHERE key = ?').run(now.toISOString(), key)
      for (const [key, { value, chain }] of build.digests)
        this.#sql('INSERT OR REPLACE INTO digests VALUES (?, ?, ?)').run(key, value, chain)
      const { record } = build
      this.#sql('INSERT OR REPLACE INTO builds VALUES (?, ?, ?)').run(
        record.id,
        record.startedAt,
        JSON.stringify(record),
      )
      this.#sql('DELETE FROM builds WHERE id NOT IN (SELECT id FROM builds ORDER BY started_at DESC LIMIT ?)').run(
        keptBuilds,
      )
      this.#sql('DELETE FROM steps WHERE key IN (SELECT key FROM steps ORDER BY used DESC LIMIT -1 OFFSET ?)').run(
        keptSteps,
      )
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
    this.#builds = [build.record, ...this.#builds.filter(({ id }) => id !== build.record.id)].slice(0, keptBuilds)
  }

  /** Digests of files in layers that are gone. */
  forgetDigests(alive: (chain: string) => boolean): void {
    for (const row of this.#sql('SELECT DISTINCT chain FROM digests').all()) {
      const chain = String(row.chain)
      if (!alive(chain)) this.#sql('DELETE FROM digests WHERE chain = ?').run(chain)
    }
  }

  /** Newest first. */
  builds(): readonly BuildRecord[] {
    return this.#builds
  }

  [Symbol.dispose](): void {
    this.#statements.clear()
    this.#database.close()
  }
}

function layerOf(row: Record<string, unknown>): LayerRecord {
  const layer = row.layer
  return {
    key: String(row.key),
    parentChain: (row.parent_chain ?? undefined) as ChainId | undefined,
    chainId: (row.chain ?? undefined) as ChainId | undefined,
    ...(typeof layer === 'string' ? { layer: JSON.parse(layer) as NonNullable<LayerRecord['layer']> } : {}),
    createdAt: String(row.created_at),
    lastUsedAt: String(row.last_used_at),
    uses: Number(row.uses),
    description: String(row.description),
  }
}
