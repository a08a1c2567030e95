import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { familiarString, parseNormalizedName } from '../oci/index.ts'
import type { Credentials } from '../registry/index.ts'
import type { BuildHost, BuildNetwork, RegistryAuth } from './build/index.ts'
import { Container, type ContainerRecord, freshState } from './containers/container.ts'
import type { Core } from './core/core.ts'
import { newId, shortId } from './core/identifier.ts'
import { timestamp } from './core/timestamp.ts'
import { notFound } from './engine-error.ts'
import { imageEvent } from './images/image-event.ts'
import { resolveImage } from './images/resolve-image.ts'
import { tagReference } from './images/tag-image.ts'
import { transferFailure } from './images/transfer-images.ts'
import { endpointRecord } from './networks/endpoint-settings.ts'
import { networkMode } from './networks/mode.ts'
import { containerResolvConf } from './networks/resolv-conf.ts'
import { namespaceOf, networkFiles, prepareNetworking } from './networks/start-networking.ts'
import { stopNetworking } from './networks/stop-networking.ts'

/** The credentials of a reference's registry among those that came with a build. */
function credentialsFor(
  reference: string,
  auths: Readonly<Record<string, RegistryAuth>> | undefined,
): Credentials | undefined {
  const { domain } = parseNormalizedName(reference)
  const hub = domain === 'docker.io'
  const auth = Object.entries(auths ?? {}).find(([address]) => {
    const host = address.replace(/^https?:\/\//, '').split('/')[0]
    return host === domain || (hub && (host === 'index.docker.io' || host === 'registry-1.docker.io'))
  })?.[1]
  if (!auth) return undefined
  const [username, password] = auth.auth
    ? splitPair(Buffer.from(auth.auth, 'base64').toString())
    : [auth.username, auth.password]
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...(auth.identitytoken && { identityToken: auth.identitytoken }),
    ...(auth.registrytoken && { registryToken: auth.registrytoken }),
    ...(auth.serveraddress && { serverAddress: auth.serveraddress }),
  }
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf(':')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** A step's place in the network is a container's, without a container: it is in no list and in no file. */
function stepContainer(core: Core, stepId: string, mode: string, extraHosts: readonly string[]): Container {
  const id = /^[0-9a-f]{64}$/.test(stepId) ? stepId : newId()
  const network = mode === 'default' || mode === '' ? 'bridge' : mode
  const record: ContainerRecord = {
    version: 1,
    id,
    name: shortId(id),
    createdAt: timestamp(),
    path: '',
    args: [],
    imageId: '',
    chainId: null,
    manifest: null,
    config: { Hostname: shortId(id) },
    hostConfig: { NetworkMode: network, ExtraHosts: [...extraHosts] },
    mounts: [],
    endpoints: {},
    ports: {},
    restartCount: 0,
    manuallyStopped: false,
    startedBefore: false,
    bootId: core.host.bootId,
    state: freshState(),
  }
  const choice = networkMode(record.hostConfig)
  if (choice.kind === 'network') record.endpoints[core.networks.get(choice.name).name] = endpointRecord({})
  return new Container(record)
}

async function attach(core: Core, mode: string, stepId: string, extraHosts: readonly string[]): Promise<BuildNetwork> {
  const container = stepContainer(core, stepId, mode, extraHosts)
  const choice = networkMode(container.record.hostConfig)
  if (choice.kind === 'container') {
    const other = core.containers.get(choice.ref)
    const namespace = namespaceOf(core, other)
    const files = networkFiles(core, other.id)
    return {
      ...(typeof namespace === 'object' && { namespace: namespace.path }),
      resolvConf: await readFile(files.resolvConf, 'utf8'),
      hosts: await readFile(files.hosts, 'utf8'),
      hostname: other.record.config.Hostname ?? '',
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
  const plan = await prepareNetworking(core, container)
  const close = async () => {
    await stopNetworking(core, container)
    await rm(join(core.folders.containers, container.id), { recursive: true, force: true })
  }
  try {
    await plan.connect()
    return {
      ...(typeof plan.namespace === 'object' && { namespace: plan.namespace.path }),
      resolvConf:
        choice.kind === 'none' ? containerResolvConf({}, 'direct') : await readFile(plan.files.resolvConf, 'utf8'),
      hosts: await readFile(plan.files.hosts, 'utf8'),
      hostname: container.record.config.Hostname ?? '',
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** What the builder needs of the engine. */
export function buildHost(core: Core): BuildHost {
  return {
    images: {
      async pull(reference, options) {
        const credentials = credentialsFor(reference, options.auths)
        try {
          const { image } = await core.transfer.pull(parseNormalizedName(reference), {
            ...(credentials && { credentials }),
            ...(options.platform && { platform: parsePlatform(options.platform) }),
            signal: options.signal,
            onProgress: ({ id, status, progress }) =>
              options.onProgress({
                status: status ?? '',
                ...(id !== undefined && { id }),
                ...(progress?.current !== undefined && { current: progress.current }),
                ...(progress?.total !== undefined && { total: progress.total }),
              }),
          })
          core.events.emit('image', 'pull', reference, { name: reference })
          return image.id
        } catch (error) {
          throw transferFailure(error)
        }
      },
      async tag(imageId, reference) {
        const name = tagReference(reference)
        const image = resolveImage(core, imageId)
        imageEvent(core, await core.content.images.tag(image.id, name), 'tag', familiarString(name))
      },
      built(imageId) {
        const image = core.content.images.find(imageId)
        if (!image) throw notFound(`No such image: ${imageId}`)
        imageEvent(core, image, 'build')
      },
    },
    networks: {
      attach: (mode, { stepId, extraHosts }) => attach(core, mode, stepId, extraHosts),
    },
  }
}

function parsePlatform(text: string) {
  const [os = 'linux', architecture = '', variant] = text.split('/')
  return { os, architecture, ...(variant && { variant }) }
}
