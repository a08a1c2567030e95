import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecords, writeDurably } from '../core/durable-file.ts'
import { EngineError, notFound } from '../engine-error.ts'
import { Network, type NetworkRecord } from './network.ts'

/** Every network, by id, name, or the beginning of an id; and their records on disk. */
export class NetworkStore {
  readonly #folder: string
  readonly #byId = new Map<string, Network>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async load(): Promise<void> {
    for (const record of await readRecords<NetworkRecord>(this.#folder)) this.#byId.set(record.id, new Network(record))
  }

  all(): Network[] {
    return [...this.#byId.values()]
  }

  byName(name: string): Network | undefined {
    for (const network of this.#byId.values()) if (network.name === name) return network
    return undefined
  }

  find(ref: string): Network | undefined {
    if (ref === 'default') return this.byName('bridge')
    const exact = this.#byId.get(ref) ?? this.byName(ref)
    if (exact || ref === '') return exact
    const matches = this.all().filter((network) => network.id.startsWith(ref))
    if (matches.length > 1) {
      throw new EngineError(
        'invalid',
        `network ${ref} is ambiguous (${matches.length} matches found based on ID prefix)`,
      )
    }
    return matches[0]
  }

  /** @throws Docker's `network x not found` */
  get(ref: string): Network {
    const found = this.find(ref)
    if (!found) throw notFound(`network ${ref} not found`)
    return found
  }

  async add(network: Network): Promise<void> {
    this.#byId.set(network.id, network)
    try {
      await this.save(network)
    } catch (error) {
      this.#byId.delete(network.id)
      throw error
    }
  }

  save(network: Network): Promise<void> {
    return writeDurably(join(this.#folder, `${network.id}.json`), JSON.stringify(network.record))
  }

  async delete(network: Network): Promise<void> {
    this.#byId.delete(network.id)
    await rm(join(this.#folder, `${network.id}.json`), { force: true })
  }
}
