import type { ContainerFacts } from '../docker/shapes.ts'
import type { ContainerCheck } from '../lesson/format.ts'
import type { CheckContext } from './context.ts'
import { listeningSockets } from './listening-sockets.ts'
import { met, type Observation, unmet, type Verdict } from './observation.ts'
import { environmentOf, matches, matchesAll, within, withTag } from './pattern.ts'

const nameOf = (container: ContainerFacts) => container.Name.replace(/^\//, '')

function isOfImage(container: ContainerFacts, pattern: string, context: CheckContext): boolean {
  if (matches(withTag(pattern), withTag(container.Config.Image))) return true
  if (container.Image === pattern) return true
  const image = context.world.images.get(container.Image)
  if (pattern === 'none') return image !== undefined && (image.RepoTags ?? []).length === 0
  return (image?.RepoTags ?? []).some((tag) => matches(withTag(pattern), tag))
}

/** `8000:5000`, in the order of the container's ports; `none` where nothing is published. */
function publishedPorts(container: ContainerFacts): string[] {
  // What runs tells its real ports; what does not, those it asked for.
  const ports = container.State.Running ? container.NetworkSettings.Ports : container.HostConfig.PortBindings
  const pairs = Object.entries(ports ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).map((binding) => `${binding.HostPort}:${port.replace(/\/tcp$/, '')}`),
  )
  return [...new Set(pairs)]
}

function mountNames(container: ContainerFacts): string[] {
  return container.Mounts.map((mount) => `${mount.Type === 'volume' ? mount.Name : mount.Type}:${mount.Destination}`)
}

function stateDiffers(container: ContainerFacts, wanted: NonNullable<ContainerCheck['state']>): boolean {
  return wanted !== 'any' && container.State.Status !== wanted
}

/** The first thing about this container that is not as the check wants it, cheap ones first. */
function differs(container: ContainerFacts, check: ContainerCheck): Observation | undefined {
  const name = nameOf(container)
  const image = container.Config.Image
  const no = (field: string, found: unknown): Observation => ({
    what: 'container-differs',
    name,
    field,
    found: typeof found === 'string' ? found : JSON.stringify(found),
  })
  const { State, Config, HostConfig, NetworkSettings } = container
  if (check.state !== undefined && stateDiffers(container, check.state)) {
    return { what: 'container-state', name, image, state: State.Status, exitCode: State.ExitCode }
  }
  if (check.exitCode !== undefined && State.ExitCode !== check.exitCode) {
    return { what: 'container-state', name, image, state: State.Status, exitCode: State.ExitCode }
  }
  const command = [container.Path, ...container.Args].join(' ')
  if (check.cmd && !matches(check.cmd, command)) return no('Cmd', command)
  if (check.tty !== undefined && Config.Tty !== check.tty) return no('Tty', Config.Tty)
  if (check.stdin !== undefined && Config.OpenStdin !== check.stdin) return no('OpenStdin', Config.OpenStdin)
  if (check.env && !matchesAll(check.env, environmentOf(Config.Env))) return no('Env', Config.Env)
  if (check.user && !matches(check.user, Config.User)) return no('User', Config.User)
  if (check.restartPolicy && HostConfig.RestartPolicy.Name !== check.restartPolicy) {
    return no('RestartPolicy', HostConfig.RestartPolicy.Name)
  }
  if (check.health && State.Health?.Status !== check.health) return no('Health', State.Health?.Status ?? 'none')
  if (check.memoryLimitMb && !within(check.memoryLimitMb, HostConfig.Memory / 2 ** 20))
    return no('Memory', HostConfig.Memory)
  if (check.published) {
    const ports = publishedPorts(container)
    const good =
      check.published === 'none'
        ? ports.length === 0
        : check.published === 'any'
          ? ports.length > 0
          : ports.includes(check.published)
    if (!good) return { what: 'container-published', name, image, published: ports.join(', ') || 'none' }
  }
  const networks = Object.keys(NetworkSettings.Networks)
  if (check.networks?.some((network) => !networks.includes(network))) return no('Networks', networks.join(', '))
  if (check.mounts) {
    const mounts = mountNames(container)
    if (check.mounts === 'none' ? mounts.length > 0 : !mounts.includes(check.mounts)) {
      return no('Mounts', mounts.join(', ') || 'none')
    }
  }
  return undefined
}

/** What needs a question to the engine: logs, processes, sockets. */
async function differsInside(
  container: ContainerFacts,
  check: ContainerCheck,
  context: CheckContext,
): Promise<Observation | undefined> {
  const name = nameOf(container)
  if (check.logs !== undefined) {
    const bytes = await context.endpoint.bytes('GET', `/containers/${container.Id}/logs?stdout=1&stderr=1&tail=200`)
    if (!matches(check.logs, bytes.toString())) return { what: 'container-differs', name, field: 'logs', found: '' }
  }
  if (check.process !== undefined && container.State.Running) {
    const top = await context.endpoint.call<{ Titles: string[]; Processes: string[][] }>(
      'GET',
      `/containers/${container.Id}/top?ps_args=${encodeURIComponent('-o pid,args')}`,
    )
    const first = top.Processes[0]?.at(-1) ?? ''
    if (!matches(check.process, first)) return { what: 'container-differs', name, field: 'process', found: first }
  }
  if (check.listens !== undefined) {
    if (!container.State.Running) return { what: 'container-listens', name, listens: 'none' }
    const sockets = await listeningSockets(context.endpoint, container.Id)
    const wanted = check.listens
    const good = sockets.some((socket) => (wanted.startsWith(':') ? socket.endsWith(wanted) : socket === wanted))
    if (!good) return { what: 'container-listens', name, listens: sockets.join(', ') || 'none' }
  }
  return undefined
}

export async function evaluateContainer(check: ContainerCheck, context: CheckContext): Promise<Verdict> {
  const candidates = [...context.world.containers.values()]
    .filter((container) => container.Config.Labels?.['manufacture.workshop'] !== 'probe')
    .filter((container) => check.name === undefined || matches(check.name, nameOf(container)))
    .filter((container) => check.image === undefined || isOfImage(container, check.image, context))
    // The newest first: it is the one the learner looks at.
    .sort((a, b) => b.Created.localeCompare(a.Created))
  let found = 0
  let sees: Observation | undefined
  for (const container of candidates) {
    const difference = differs(container, check) ?? (await differsInside(container, check, context))
    if (difference) sees ??= difference
    else found++
  }
  const of = check.name ?? check.image ?? 'container'
  if (check.count) return within(check.count, found) ? met : unmet({ what: 'count', of, found })
  if (found > 0) return met
  return unmet(sees ?? { what: 'no-container', name: of })
}
