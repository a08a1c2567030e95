import type { ServedResource } from './resource.ts'

/** The resources that are served now. CustomResourceDefinitions come and go while the API runs. */
export class ResourceRegistry {
  readonly #byPath = new Map<string, ServedResource>()
  readonly #byKind = new Map<string, ServedResource>()
  readonly #listeners = new Set<() => void>()
  #generation = 0

  /** Rises with every change; what was derived from the resources before is stale then. */
  get generation(): number {
    return this.#generation
  }

  add(...resources: readonly ServedResource[]): void {
    for (const resource of resources) {
      const { group, version, plural, kind, verbs } = resource.info
      this.#byPath.set(`${group}/${version}/${plural}`, resource)
      if (verbs.length > 0) this.#byKind.set(`${group}/${version}/${kind}`, resource)
    }
    this.#changed()
  }

  remove(...resources: readonly ServedResource[]): void {
    for (const { info } of resources) {
      this.#byPath.delete(`${info.group}/${info.version}/${info.plural}`)
      this.#byKind.delete(`${info.group}/${info.version}/${info.kind}`)
    }
    this.#changed()
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`)
  }

  findKind(group: string, version: string, kind: string): ServedResource | undefined {
    return this.#byKind.get(`${group}/${version}/${kind}`)
  }

  all(): IterableIterator<ServedResource> {
    return this.#byPath.values()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(): void {
    this.#generation++
    for (const listener of this.#listeners) listener()
  }
}
