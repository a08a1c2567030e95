import { DockerApiError, type DockerEndpoint } from '../docker/endpoint.ts'
import type { ContainerFacts } from '../docker/shapes.ts'
import type { World } from '../docker/world.ts'
import type { Owned } from '../lesson/format.ts'

/** The engine as it was at one moment: enough to go back there. */
export interface Snapshot {
  containers: ContainerFacts[]
  /** Tag → image id. */
  tags: Record<string, string>
  /** Ids; of images without a name too. */
  images: string[]
  networks: string[]
  volumes: string[]
}

export function takeSnapshot(world: World): Snapshot {
  const tags: Record<string, string> = {}
  for (const image of world.images.values()) for (const tag of image.RepoTags ?? []) tags[tag] = image.Id
  return {
    containers: [...world.containers.values()],
    tags,
    images: [...world.images.keys()],
    networks: [...world.networks.values()].map((network) => network.Name),
    volumes: [...world.volumes.keys()],
  }
}

/** Gone already is what was wanted. */
async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof DockerApiError) || (error.status !== 404 && error.status !== 304)) throw error
  }
}

async function recreate(endpoint: DockerEndpoint, container: ContainerFacts): Promise<void> {
  const name = container.Name.replace(/^\//, '')
  const [first] = Object.keys(container.NetworkSettings.Networks)
  const { Id } = await endpoint.call<{ Id: string }>('POST', `/containers/create?name=${encodeURIComponent(name)}`, {
    ...container.Config,
    HostConfig: container.HostConfig,
    NetworkingConfig:
      first && !container.HostConfig.NetworkMode.startsWith('container:') ? { EndpointsConfig: { [first]: {} } } : {},
  })
  if (container.State.Running) await endpoint.call('POST', `/containers/${Id}/start`)
}

async function stateAsBefore(endpoint: DockerEndpoint, then: ContainerFacts, now: ContainerFacts): Promise<void> {
  if (then.State.Running && !now.State.Running) await unlessGone(endpoint.call('POST', `/containers/${now.Id}/start`))
  if (!then.State.Running && now.State.Running)
    await unlessGone(endpoint.call('POST', `/containers/${now.Id}/stop?t=1`))
  if (then.Name !== now.Name) {
    await endpoint.call('POST', `/containers/${now.Id}/rename?name=${encodeURIComponent(then.Name.slice(1))}`)
  }
}

/**
 * Goes back: what came after the snapshot is removed, what went is made again with its recorded configuration (a
 * container's writable layer cannot come back, and a removed volume's content neither), names point where they pointed.
 */
export async function restoreSnapshot(endpoint: DockerEndpoint, world: World, snapshot: Snapshot): Promise<void> {
  const before = new Map(snapshot.containers.map((container) => [container.Id, container]))
  for (const container of world.containers.values()) {
    if (!before.has(container.Id)) await unlessGone(endpoint.call('DELETE', `/containers/${container.Id}?force=1&v=1`))
  }
  for (const network of world.networks.values()) {
    if (!snapshot.networks.includes(network.Name)) await unlessGone(endpoint.call('DELETE', `/networks/${network.Id}`))
  }
  for (const volume of world.volumes.keys()) {
    if (!snapshot.volumes.includes(volume))
      await unlessGone(endpoint.call('DELETE', `/volumes/${encodeURIComponent(volume)}?force=1`))
  }
  await restoreTags(endpoint, world, snapshot)
  await removeNewImages(endpoint, world, snapshot)
  for (const [id, then] of before) {
    const now = world.containers.get(id)
    if (now) await stateAsBefore(endpoint, then, now)
    else if (world.images.has(then.Image)) await recreate(endpoint, then)
  }
}

async function restoreTags(endpoint: DockerEndpoint, world: World, snapshot: Snapshot): Promise<void> {
  const now = takeSnapshot(world).tags
  for (const [tag, id] of Object.entries(snapshot.tags)) {
    if (now[tag] === id || !world.images.has(id)) continue
    const colon = tag.lastIndexOf(':')
    const query = new URLSearchParams({ repo: tag.slice(0, colon), tag: tag.slice(colon + 1) })
    await endpoint.call('POST', `/images/${id}/tag?${query}`)
  }
  for (const tag of Object.keys(now)) {
    if (!(tag in snapshot.tags)) await unlessGone(endpoint.call('DELETE', `/images/${encodeURIComponent(tag)}?force=1`))
  }
}

/** Images that came since, those without a name too. Their build cache stays: building again is quick. */
async function removeNewImages(endpoint: DockerEndpoint, world: World, snapshot: Snapshot): Promise<void> {
  const fresh = [...world.images.values()].filter((image) => !snapshot.images.includes(image.Id))
  // The newest first: an image that another was built on goes after it.
  for (const { Id } of fresh.sort((a, b) => b.Created.localeCompare(a.Created))) {
    try {
      await unlessGone(endpoint.call('DELETE', `/images/${encodeURIComponent(Id)}?force=1&noprune=1`))
    } catch (error) {
      // The legacy builder's cache can hold on to it as a parent.
      if (!(error instanceof DockerApiError) || error.status !== 409) throw error
    }
  }
}

/** Removes by name what a lesson says is its own, whoever made it. */
export async function removeOwned(endpoint: DockerEndpoint, owned: Owned | undefined): Promise<void> {
  for (const name of owned?.containers ?? []) {
    await unlessGone(endpoint.call('DELETE', `/containers/${encodeURIComponent(name)}?force=1&v=1`))
  }
  for (const name of owned?.networks ?? [])
    await unlessGone(endpoint.call('DELETE', `/networks/${encodeURIComponent(name)}`))
  for (const name of owned?.volumes ?? []) {
    await unlessGone(endpoint.call('DELETE', `/volumes/${encodeURIComponent(name)}?force=1`))
  }
  for (const name of owned?.images ?? []) {
    await unlessGone(endpoint.call('DELETE', `/images/${encodeURIComponent(name)}?force=1`))
  }
}
