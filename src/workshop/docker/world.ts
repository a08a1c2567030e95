import { setTimeout as sleep } from 'node:timers/promises'
import { DockerApiError, type DockerEndpoint, type DockerEvent } from './endpoint.ts'
import type { ContainerFacts, ImageFacts, NetworkFacts, VolumeFacts } from './shapes.ts'

/** What the engine has, as of the last event. Kept up to date by events alone; nothing is asked twice. */
export interface World {
  readonly containers: ReadonlyMap<string, ContainerFacts>
  readonly images: ReadonlyMap<string, ImageFacts>
  readonly networks: ReadonlyMap<string, NetworkFacts>
  readonly volumes: ReadonlyMap<string, VolumeFacts>
  /** The newest last; at most {@link eventLimit}. */
  readonly events: readonly DockerEvent[]
  /** False while the engine does not answer; the last known state stays. */
  readonly connected: boolean
}

export type WorldChange = { kind: 'state'; events: readonly DockerEvent[] } | { kind: 'connection'; connected: boolean }

export interface WatchedWorld extends World, AsyncDisposable {
  onChange(listener: (change: WorldChange) => void): Disposable
  /** Resolves when everything that has happened up to now is in the maps. */
  settled(): Promise<void>
}

const eventLimit = 5_000
/** Events that come together are one change: a `docker run` makes four within a few milliseconds. */
const gatherMs = 15
const reconnectMs = 500

/** In the command of every exec by which a check looks into a container. */
const probeMark = '/proc/net/tcp'
/** These say that somebody looked; nothing has changed. */
const onlyLooks = /^(exec_|top$|attach$|detach$|resize$|export$|archive-path$)/

type Kind = 'container' | 'image' | 'network' | 'volume'

async function absentIsUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof DockerApiError && error.status === 404) return undefined
    throw error
  }
}

class LiveWorld implements WatchedWorld {
  readonly containers = new Map<string, ContainerFacts>()
  readonly images = new Map<string, ImageFacts>()
  readonly networks = new Map<string, NetworkFacts>()
  readonly volumes = new Map<string, VolumeFacts>()
  readonly events: DockerEvent[] = []
  connected = false

  #endpoint: DockerEndpoint
  #listeners = new Set<(change: WorldChange) => void>()
  #stop = new AbortController()
  #pending: DockerEvent[] = []
  /** Execs of the workshop itself that have not ended. */
  #probes = new Set<string>()
  #work: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(endpoint: DockerEndpoint) {
    this.#endpoint = endpoint
  }

  /** Resolves when the first full reading is done. */
  async open(): Promise<void> {
    const first = Promise.withResolvers<void>()
    this.#running = this.#run(first)
    await first.promise
  }

  async #run(first: PromiseWithResolvers<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        // Events first, then the reading: nothing that happens in between is missed.
        const events = this.#endpoint.events(this.#stop.signal)
        const ahead = events.next()
        await this.#readAll()
        this.#setConnected(true)
        first.resolve()
        for (let next = await ahead; !next.done; next = await events.next()) this.#take(next.value)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#setConnected(false)
        first.reject(error)
      }
      this.#setConnected(false)
      await sleep(reconnectMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  #setConnected(connected: boolean): void {
    if (this.connected === connected) return
    this.connected = connected
    this.#tell({ kind: 'connection', connected })
    if (connected) this.#tell({ kind: 'state', events: [] })
  }

  #tell(change: WorldChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  #take(event: DockerEvent): void {
    if (this.#isOwnProbe(event)) return
    this.#pending.push(event)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#work = this.#work.then(() => this.#refresh())
    }, gatherMs)
  }

  /** The workshop's own questions inside containers are not what the learner did, and answering them asks no new ones. */
  #isOwnProbe({ Action, Actor }: DockerEvent): boolean {
    const { execID } = Actor.Attributes
    if (Action.includes(probeMark)) {
      if (execID) this.#probes.add(execID)
      return true
    }
    if (Action !== 'exec_die' || !execID) return Actor.Attributes['manufacture.workshop'] === 'probe'
    return this.#probes.delete(execID)
  }

  async #refresh(): Promise<void> {
    const events = this.#pending.splice(0)
    const dirty = new Map<string, [Kind, string]>()
    for (const event of events) {
      const mark = (kind: Kind, id: string) => dirty.set(`${kind}/${id}`, [kind, id])
      if (event.Type === 'container' && !onlyLooks.test(event.Action)) mark('container', event.Actor.ID)
      if (event.Type === 'image') mark('image', event.Actor.ID)
      if (event.Type === 'volume') mark('volume', event.Actor.ID)
      if (event.Type === 'network') {
        mark('network', event.Actor.ID)
        if (event.Actor.Attributes.container) mark('container', event.Actor.Attributes.container)
      }
    }
    try {
      if ([...dirty.values()].some(([kind]) => kind === 'image')) await this.#readImages()
      await Promise.all([...dirty.values()].map(([kind, id]) => this.#readOne(kind, id)))
    } catch (error) {
      // The engine went away in the middle: the event stream ends too, and everything is read anew after that.
      if (this.connected && error instanceof DockerApiError) throw error
      return
    }
    this.events.push(...events)
    if (this.events.length > eventLimit) this.events.splice(0, this.events.length - eventLimit)
    this.#tell({ kind: 'state', events })
  }

  async #readOne(kind: Kind, id: string): Promise<void> {
    const keep = <T>(map: Map<string, T>, value: T | undefined) => (value ? map.set(id, value) : map.delete(id))
    const name = encodeURIComponent(id)
    if (kind === 'container') {
      keep(
        this.containers,
        await absentIsUndefined(this.#endpoint.call<ContainerFacts>('GET', `/containers/${name}/json`)),
      )
    } else if (kind === 'network') {
      keep(this.networks, await absentIsUndefined(this.#endpoint.call<NetworkFacts>('GET', `/networks/${name}`)))
    } else if (kind === 'volume') {
      keep(this.volumes, await absentIsUndefined(this.#endpoint.call<VolumeFacts>('GET', `/volumes/${name}`)))
    }
  }

  /** An image event names a tag as often as an id, and one tag taken changes two images: the list is short, read it. */
  async #readImages(): Promise<void> {
    const list = await this.#endpoint.call<{ Id: string }[]>('GET', '/images/json')
    const facts = await Promise.all(
      list.map(({ Id }) => absentIsUndefined(this.#endpoint.call<ImageFacts>('GET', `/images/${Id}/json`))),
    )
    this.images.clear()
    for (const image of facts) if (image) this.images.set(image.Id, image)
  }

  async #readAll(): Promise<void> {
    const [containers, networks, volumes] = await Promise.all([
      this.#endpoint.call<{ Id: string }[]>('GET', '/containers/json?all=1'),
      this.#endpoint.call<{ Id: string }[]>('GET', '/networks'),
      this.#endpoint.call<{ Volumes: { Name: string }[] | null }>('GET', '/volumes'),
      this.#readImages(),
    ])
    this.containers.clear()
    this.networks.clear()
    this.volumes.clear()
    await Promise.all([
      ...containers.map(({ Id }) => this.#readOne('container', Id)),
      ...networks.map(({ Id }) => this.#readOne('network', Id)),
      ...(volumes.Volumes ?? []).map(({ Name }) => this.#readOne('volume', Name)),
    ])
  }

  onChange(listener: (change: WorldChange) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  async settled(): Promise<void> {
    // One turn for events on their way, then the work that they have caused.
    await sleep(gatherMs * 2)
    await this.#work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#running
    await this.#work
  }
}

/** Follows an engine. @throws when the engine does not answer at first */
export async function watchWorld(endpoint: DockerEndpoint): Promise<WatchedWorld> {
  const world = new LiveWorld(endpoint)
  await world.open()
  return world
}
