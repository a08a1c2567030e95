import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecords, writeDurably } from '../core/durable-file.ts'
import { conflict, invalid, notFound } from '../engine-error.ts'
import { Container, type ContainerRecord } from './container.ts'

export const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** Every container, by id, by name, by the beginning of an id; and their records on disk. */
export class ContainerStore {
  readonly #folder: string
  readonly #byId = new Map<string, Container>()
  /** Reserved before the container is there. */
  readonly #idOfName = new Map<string, string>()
  readonly #saving = new Map<string, { running: Promise<void>; next: Promise<void> | null }>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async load(): Promise<void> {
    for (const record of await readRecords<ContainerRecord>(this.#folder)) {
      this.#idOfName.set(record.name, record.id)
      this.#byId.set(record.id, new Container(record))
    }
  }

  all(): Container[] {
    return [...this.#byId.values()]
  }

  byId(id: string): Container | undefined {
    return this.#byId.get(id)
  }

  byName(name: string): Container | undefined {
    return this.#byId.get(this.#idOfName.get(name.replace(/^\//, '')) ?? '')
  }

  /** @throws Docker's `No such container: x` */
  get(ref: string): Container {
    const found = this.find(ref)
    if (!found) throw notFound(`No such container: ${ref}`)
    return found
  }

  find(ref: string): Container | undefined {
    if (ref === '') throw invalid('invalid container name or ID: value is empty')
    const exact = this.#byId.get(ref) ?? this.byName(ref)
    if (exact) return exact
    if (!/^[0-9a-f]+$/.test(ref)) return this.#byLink(ref)
    let match: Container | undefined
    for (const [id, container] of this.#byId) {
      if (!id.startsWith(ref)) continue
      if (match) throw invalid(`multiple IDs found with provided prefix: ${ref}`)
      match = container
    }
    return match
  }

  /** `parent/alias` of a legacy link. */
  #byLink(ref: string): Container | undefined {
    const [parent = '', alias = ''] = ref.replace(/^\//, '').split('/', 2)
    if (alias === '') return undefined
    const link = this.byName(parent)?.record.hostConfig.Links?.find((text) => text.split(':')[1] === alias)
    return link === undefined ? undefined : this.find(link.split(':')[0] ?? '')
  }

  /** Holds a name for an id. @throws Docker's conflict sentence */
  reserveName(name: string, id: string): void {
    const holder = this.#idOfName.get(name)
    if (holder !== undefined && holder !== id) {
      throw conflict(
        `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
      )
    }
    this.#idOfName.set(name, id)
  }

  hasName(name: string): boolean {
    return this.#idOfName.has(name)
  }

  releaseName(name: string, id: string): void {
    if (this.#idOfName.get(name) === id) this.#idOfName.delete(name)
  }

  add(container: Container): void {
    this.#byId.set(container.id, container)
  }

  /** Out of sight at once; the record's file is gone when the promise resolves. */
  async delete(container: Container): Promise<void> {
    this.#byId.delete(container.id)
    this.releaseName(container.record.name, container.id)
    await this.#saving.get(container.id)?.running
    await rm(join(this.#folder, `${container.id}.json`), { force: true })
  }

  /**
   * Durable, with everything that the record holds at the call, once the promise resolves. Calls while a write is under
   * way share the next one.
   */
  save(container: Container): Promise<void> {
    const { id } = container
    const current = this.#saving.get(id)
    if (current) {
      current.next ??= current.running.catch(() => undefined).then(() => this.#write(container))
      return current.next
    }
    return this.#write(container)
  }

  #write(container: Container): Promise<void> {
    const { id } = container
    const running = writeDurably(join(this.#folder, `${id}.json`), JSON.stringify(container.record)).finally(() => {
      if (this.#saving.get(id) === entry) this.#saving.delete(id)
    })
    const entry = { running, next: null }
    this.#saving.set(id, entry)
    return running
  }
}
