import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecords, writeDurably } from '../core/durable-file.ts'
import { notFound } from '../engine-error.ts'

/** What is on disk. */
export interface VolumeRecord {
  version: 1
  name: string
  createdAt: string
  labels: Record<string, string> | null
  options: Record<string, string> | null
}

/** Docker marks volumes that were made without a name. */
export const anonymousLabel = 'com.docker.volume.anonymous'

export class VolumeStore {
  readonly #records: string
  readonly #data: string
  readonly #byName = new Map<string, VolumeRecord>()

  constructor(records: string, data: string) {
    this.#records = records
    this.#data = data
  }

  async load(): Promise<void> {
    for (const record of await readRecords<VolumeRecord>(this.#records)) this.#byName.set(record.name, record)
  }

  all(): VolumeRecord[] {
    return [...this.#byName.values()]
  }

  find(name: string): VolumeRecord | undefined {
    return this.#byName.get(name)
  }

  /** @throws Docker's `get x: no such volume` */
  get(name: string): VolumeRecord {
    const found = this.find(name)
    if (!found) throw notFound(`get ${name}: no such volume`)
    return found
  }

  folder(name: string): string {
    return join(this.#data, name)
  }

  mountpoint(name: string): string {
    return join(this.#data, name, '_data')
  }

  async add(record: VolumeRecord): Promise<void> {
    this.#byName.set(record.name, record)
    try {
      await writeDurably(join(this.#records, `${record.name}.json`), JSON.stringify(record))
    } catch (error) {
      this.#byName.delete(record.name)
      throw error
    }
  }

  async delete(name: string): Promise<void> {
    this.#byName.delete(name)
    await rm(join(this.#records, `${name}.json`), { force: true })
  }
}
