import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Linux, OutputChunk } from '../../linux/index.ts'
import { startFailure } from '../containers/runtime-error.ts'
import type { Resources } from '../shapes/index.ts'
import { containerEnvironment, makeSpec, resolveUser, type SpecMount } from '../spec/index.ts'
import { BuildError } from './build-error.ts'
import type { BuildRequest } from './contract.ts'
import type { BuildNetworks } from './host.ts'
import type { RunOperation } from './operation.ts'
import { dropStubs, type MountOptions, missingTargets, prepareMounts } from './run-mounts.ts'
import type { WorkingRoot } from './working-root.ts'

export interface RunOptions {
  readonly linux: Linux
  readonly networks: BuildNetworks
  readonly request: BuildRequest
  readonly mounts: Omit<MountOptions, 'folder'>
  readonly onStarted: (container: string) => void
  readonly onOutput: (chunk: OutputChunk) => void
  readonly signal: AbortSignal
}

/** Runs the command in the root; its changes are in the root's upper folder afterwards. Throws a BuildError. */
export async function runStep(operation: RunOperation, working: WorkingRoot, options: RunOptions): Promise<void> {
  const { request, signal } = options
  const mode = operation.network === 'default' ? request.networkMode || 'default' : operation.network
  const bundle = join(working.folder, 'bundle')
  await mkdir(bundle, { recursive: true, mode: 0o700 })
  // read by `recoverSteps` if this process is killed
  await writeFile(join(working.folder, 'container'), working.id)
  await using network = await options.networks.attach(mode, {
    stepId: working.id,
    extraHosts: request.extraHosts ?? [],
  })
  await using prepared = await prepareMounts(operation.mounts, { ...options.mounts, folder: working.folder })
  const files = await identityFiles(bundle, network)
  const mounts = [...files, ...prepared.mounts, ...(await scriptMount(operation, bundle))]
  const missing = await missingTargets(working.root, mounts.map(({ destination }) => destination).concat(operation.cwd))
  const env = [...operation.env, ...operation.proxies, ...prepared.env]
  const spec = makeSpec({
    rootfs: working.root,
    hostname: network.hostname,
    args: [...operation.args],
    env: containerEnvironment({ hostname: network.hostname, own: env }),
    cwd: operation.cwd,
    user: resolveUser(operation.user, working.root),
    hostConfig: {
      ...resources(request),
      ...(request.shmSizeBytes ? { ShmSize: request.shmSizeBytes } : {}),
      NetworkMode: mode,
    },
    mounts,
    namespaces: {
      network: network.namespace !== undefined ? { path: network.namespace } : mode === 'host' ? 'host' : 'new',
    },
  })
  const exitCode = await runContainer(working.id, bundle, spec, options)
  signal.throwIfAborted()
  if (exitCode !== 0)
    throw new BuildError(`The command '${operation.args.join(' ')}' returned a non-zero code: ${exitCode}`, {
      code: exitCode,
    })
  working.unmount()
  await dropStubs(working.upper, missing)
}

async function runContainer(
  id: string,
  bundleDir: string,
  spec: ReturnType<typeof makeSpec>,
  options: RunOptions,
): Promise<number> {
  const { containers } = options.linux
  const { signal, request } = options
  const program = spec.process.args[0] ?? ''
  options.onStarted(id)
  await containers
    .create({
      id,
      bundleDir,
      spec,
      logPath: null,
      terminal: false,
      stdin: 'none',
      ...(request.cgroupParent ? { cgroupParent: request.cgroupParent } : {}),
    })
    .catch((error: unknown) => {
      throw startFailure(error, program).error
    })
  const kill = () => {
    // it may have ended by itself in the meantime
    containers.signal(id, 9, { all: true }).catch(() => undefined)
  }
  try {
    await using streams = await containers.attach(id)
    signal.throwIfAborted()
    signal.addEventListener('abort', kill, { once: true })
    await containers.start(id).catch((error: unknown) => {
      throw startFailure(error, program).error
    })
    for await (const chunk of streams.output) options.onOutput(chunk as OutputChunk)
    const exit = await containers.wait(id)
    return exit.exitCode
  } finally {
    signal.removeEventListener('abort', kill)
    await containers.delete(id)
  }
}

function resources(request: BuildRequest): Resources {
  return {
    ...(request.memoryBytes ? { Memory: request.memoryBytes } : {}),
    ...(request.memorySwapBytes ? { MemorySwap: request.memorySwapBytes } : {}),
    ...(request.cpuShares ? { CpuShares: request.cpuShares } : {}),
    ...(request.cpuPeriod ? { CpuPeriod: request.cpuPeriod } : {}),
    ...(request.cpuQuota ? { CpuQuota: request.cpuQuota } : {}),
    ...(request.cpusetCpus ? { CpusetCpus: request.cpusetCpus } : {}),
    ...(request.cpusetMems ? { CpusetMems: request.cpusetMems } : {}),
    ...(request.ulimits ? { Ulimits: [...request.ulimits] } : {}),
  }
}

async function identityFiles(
  bundle: string,
  network: { readonly resolvConf: string; readonly hosts: string; readonly hostname: string },
): Promise<SpecMount[]> {
  const mounts: SpecMount[] = []
  for (const [name, content] of [
    ['resolv.conf', network.resolvConf],
    ['hosts', network.hosts],
    ['hostname', `${network.hostname}\n`],
  ] as const) {
    const source = join(bundle, name)
    await writeFile(source, content, { mode: 0o644 })
    mounts.push({ type: 'bind', source, destination: `/etc/${name}`, writable: true, propagation: '' })
  }
  return mounts
}

async function scriptMount(operation: RunOperation, bundle: string): Promise<SpecMount[]> {
  if (!operation.script) return []
  const source = join(bundle, 'pipes')
  await mkdir(source, { mode: 0o755 })
  await writeFile(join(source, operation.script.name), operation.script.content, { mode: 0o755 })
  return [{ type: 'bind', source, destination: '/dev/pipes', writable: false, propagation: '' }]
}
