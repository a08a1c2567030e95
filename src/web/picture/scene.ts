import type { ContainerFacts, Goal, ImageFacts, WorldView } from '../../workshop/server/protocol.ts'

/** What the picture shows: plain objects in stable order, for the drawing and for the list alike. */
export interface Scene {
  images: ImageBox[]
  containers: ContainerBox[]
  networks: { name: string; driver: string; members: string[] }[]
  volumes: { name: string; usedBy: string[] }[]
  ghosts: Ghost[]
}

export interface LayerBar {
  /** The instruction that made it, without the shell's wrapping. */
  instruction: string
  bytes: number
  /** 0 to 1, by the logarithm of its size. */
  length: number
}

export interface ImageBox {
  id: string
  tags: string[]
  bytes: number
  layers: LayerBar[]
  /** Instructions that only wrote metadata, newest last. */
  metadata: string[]
  exposes: string[]
}

export interface Door {
  inside: string
  outside: string
}

export interface ContainerBox {
  id: string
  name: string
  image: string
  state: string
  exitCode: number
  command: string
  /** Chosen environment: not those that every image has. */
  env: string[]
  doors: Door[]
  exposes: string[]
  networks: string[]
  volumes: string[]
  health: string
}

export interface Ghost {
  kind: 'container' | 'image' | 'network' | 'volume' | 'port'
  name: string
}

const everywhere =
  /^(PATH|HOME|HOSTNAME|LANG|GPG_KEY|PYTHON_[A-Z_]+|NODE_VERSION|YARN_VERSION|NGINX_[A-Z_]+|NJS_[A-Z_]+|PKG_RELEASE|DYNPKG_RELEASE|HTTPD_[A-Z_]+|REDIS_[A-Z_]+)=/

/** `/bin/sh -c #(nop)  CMD ["x"]` and BuildKit's forms → the Dockerfile's line. */
export function instructionOf(createdBy: string): string {
  const text = createdBy
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^(?:RUN )?\/bin\/sh -c /, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .trim()
  return text === '' ? 'FROM' : text
}

function lengthOf(bytes: number): number {
  // 1 kB is short, 1 GB is the whole width.
  return Math.min(1, Math.max(0.06, (Math.log10(Math.max(bytes, 1)) - 2) / 7))
}

function imageBox(image: WorldView['images'][number]): ImageBox {
  const lines = [...(image.history ?? [])].reverse()
  const layers = lines
    .filter((line) => line.Size > 0)
    .map((line) => ({ instruction: instructionOf(line.CreatedBy), bytes: line.Size, length: lengthOf(line.Size) }))
  return {
    id: image.Id,
    tags: (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
    bytes: image.Size,
    layers,
    metadata: lines.filter((line) => line.Size === 0).map((line) => instructionOf(line.CreatedBy)),
    exposes: Object.keys(image.Config.ExposedPorts ?? {}),
  }
}

function doorsOf(container: ContainerFacts): Door[] {
  const ports = container.State.Running ? container.NetworkSettings.Ports : container.HostConfig.PortBindings
  const doors = Object.entries(ports ?? {}).flatMap(([inside, bindings]) =>
    (bindings ?? []).map((binding) => ({ inside: inside.replace(/\/tcp$/, ''), outside: binding.HostPort })),
  )
  return doors.filter(
    (door, index) => doors.findIndex((one) => one.outside === door.outside && one.inside === door.inside) === index,
  )
}

function containerBox(container: ContainerFacts, images: readonly ImageFacts[]): ContainerBox {
  const image = images.find((one) => one.Id === container.Image)
  return {
    id: container.Id,
    name: container.Name.replace(/^\//, ''),
    image: image?.RepoTags?.[0] ?? container.Config.Image,
    state: container.State.Status,
    exitCode: container.State.ExitCode,
    command: [container.Path, ...container.Args].join(' '),
    env: (container.Config.Env ?? []).filter((line) => !everywhere.test(line)),
    doors: doorsOf(container),
    // The image's stickers: a container's own list has its published ports as well.
    exposes: Object.keys(image?.Config.ExposedPorts ?? {}).map((port) => port.replace(/\/tcp$/, '')),
    networks: Object.keys(container.NetworkSettings.Networks),
    volumes: container.Mounts.map(
      (mount) => `${mount.Type === 'volume' ? mount.Name : mount.Source} → ${mount.Destination}`,
    ),
    health: container.State.Health?.Status ?? '',
  }
}

const builtIn = new Set(['bridge', 'host', 'none'])

function ghostsOf(goals: readonly Goal[], scene: Omit<Scene, 'ghosts'>): Ghost[] {
  return goals.flatMap((goal): Ghost[] => {
    const ghosts: Ghost[] = []
    if (goal.container && !scene.containers.some((one) => one.name === goal.container)) {
      ghosts.push({ kind: 'container', name: goal.container })
    }
    const tag = goal.image?.includes(':') ? goal.image : `${goal.image}:latest`
    if (goal.image && !scene.images.some((one) => one.tags.includes(tag)))
      ghosts.push({ kind: 'image', name: goal.image })
    if (goal.network && !scene.networks.some((one) => one.name === goal.network)) {
      ghosts.push({ kind: 'network', name: goal.network })
    }
    if (goal.volume && !scene.volumes.some((one) => one.name === goal.volume))
      ghosts.push({ kind: 'volume', name: goal.volume })
    const [outside, inside] = goal.port?.split(':') ?? []
    const open = scene.containers.some((one) =>
      one.doors.some((door) => door.outside === outside && door.inside === inside),
    )
    if (goal.port && !open) ghosts.push({ kind: 'port', name: goal.port })
    return ghosts
  })
}

/** The world → the scene. Oldest first, so that nothing moves when something comes. */
export function sceneOf(world: WorldView, goals: readonly Goal[]): Scene {
  const scene = {
    images: [...world.images]
      .sort((a, b) => a.Created.localeCompare(b.Created) || a.Id.localeCompare(b.Id))
      .map(imageBox),
    containers: [...world.containers]
      .sort((a, b) => a.Created.localeCompare(b.Created))
      .map((container) => containerBox(container, world.images)),
    networks: world.networks
      .filter((network) => !builtIn.has(network.Name))
      .sort((a, b) => a.Name.localeCompare(b.Name))
      .map((network) => ({
        name: network.Name,
        driver: network.Driver,
        members: world.containers
          .filter((container) => network.Name in container.NetworkSettings.Networks)
          .map((container) => container.Name.replace(/^\//, '')),
      })),
    volumes: [...world.volumes]
      .sort((a, b) => a.Name.localeCompare(b.Name))
      .map((volume) => ({
        name: volume.Name,
        usedBy: world.containers
          .filter((container) => container.Mounts.some((mount) => mount.Name === volume.Name))
          .map((container) => container.Name.replace(/^\//, '')),
      })),
  }
  return { ...scene, ghosts: ghostsOf(goals, scene) }
}
