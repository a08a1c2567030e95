import type { JsonObject, KubeObject } from '../../schema/index.ts'
import type { ApiRequest, ApiResponse, BodySink, ExecStreams, NodeDialer, ProxyTarget } from '../contract.ts'
import { badRequest, methodNotAllowed, notFound, resourceNotFound } from '../errors.ts'
import { boolParameter } from '../options.ts'
import { keyOf, type ResourceRequest } from '../request-context.ts'
import { groupResourceOf } from '../resource.ts'
import { textResponse } from '../respond.ts'
import { StatusError } from '../status-error.ts'
import { decodeObject } from '../stored-object.ts'
import { connectAdmission } from './connect-admission.ts'
import { logQuery } from './log-options.ts'

type Connector = (context: ResourceRequest) => Promise<ApiResponse>

/** Subresources that reach through to a node. */
export const connectors: Readonly<Record<string, Connector>> = {
  log: podLog,
  exec: (context) => podExec(context, true),
  attach: (context) => podExec(context, false),
  portforward: podPortForward,
  proxy,
}

async function objectOf({ core, resource, route }: ResourceRequest): Promise<KubeObject> {
  const { entry } = await core.store.get(keyOf(resource, resource.info.namespaced ? route.namespace : '', route.name))
  if (!entry) throw notFound(groupResourceOf(resource), route.name)
  return decodeObject(entry)
}

interface PodSpec {
  nodeName?: string
  containers?: { name: string; tty?: boolean; stdin?: boolean }[]
  initContainers?: { name: string }[]
  ephemeralContainers?: { name: string }[]
}

const specOf = (pod: KubeObject) => (pod.spec ?? {}) as PodSpec
const asJson = (object: KubeObject) => object as unknown as JsonObject

/** The container that is meant: the only one, or the one that is named. @throws StatusError 400 */
function containerOf(pod: KubeObject, asked: string | null): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = specOf(pod)
  const names = (list: readonly { name: string }[]) => `[${list.map(({ name }) => name).join(' ')}]`
  if (asked) {
    const all = [...containers, ...initContainers, ...ephemeralContainers]
    if (!all.some(({ name }) => name === asked))
      throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`)
    return asked
  }
  const [only, ...more] = containers
  if (only && more.length === 0) return only.name
  if (!only) throw badRequest(`a container name must be specified for pod ${pod.metadata.name}`)
  const init = initContainers.length > 0 ? ` or one of the init containers: ${names(initContainers)}` : ''
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: ${names(containers)}${init}`,
  )
}

function nodesOf({ core }: ResourceRequest): NodeDialer {
  if (!core.nodes)
    throw new StatusError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request', {})
  return core.nodes
}

function checkHost(pod: KubeObject): void {
  if (!specOf(pod).nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
}

async function podLog(context: ResourceRequest): Promise<ApiResponse> {
  if (context.request.method !== 'GET') throw methodNotAllowed()
  const query = logQuery(context.query, context.route.name)
  const pod = await objectOf(context)
  const container = containerOf(pod, query.get('container'))
  // A pod that is nowhere yet has said nothing.
  if (!specOf(pod).nodeName) return textResponse(200, '')
  const lines = await nodesOf(context).log(asJson(pod), container, query)
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: { stream: (sink) => void pump(context, lines, sink) },
  }
}

/** Sends what comes as fast as the client takes it. */
async function pump(
  { core, route }: ResourceRequest,
  source: AsyncIterable<Uint8Array>,
  sink: BodySink,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]()
  let closed = false
  sink.onClose(() => {
    closed = true
    void iterator.return?.()
  })
  try {
    for (let next = await iterator.next(); !next.done && !closed; next = await iterator.next()) {
      sink.write(next.value)
      if (sink.pendingBytes > 256 * 1024) await sink.drained()
    }
    sink.end()
  } catch (error) {
    core.log.warn({ err: error, path: route.path }, 'a log broke off')
    sink.abort()
  }
}

async function podExec(context: ResourceRequest, isExec: boolean): Promise<ApiResponse> {
  const { query, request } = context
  if (request.method !== 'GET' && request.method !== 'POST') throw methodNotAllowed()
  const flag = (name: string, otherwise: boolean) => boolParameter(query, name) ?? otherwise
  const streams = {
    stdin: flag('stdin', false),
    stdout: flag('stdout', !isExec),
    stderr: flag('stderr', !isExec),
    tty: flag('tty', false),
  }
  if (!streams.stdin && !streams.stdout && !streams.stderr)
    throw badRequest('you must specify at least one of stdin, stdout, stderr')
  const command = query.getAll('command')
  const pod = await objectOf(context)
  const container = containerOf(pod, query.get('container'))
  checkHost(pod)
  if (isExec && command.length === 0)
    throw new StatusError(400, 'BadRequest', 'you must specify at least 1 command for the container')
  await connectAdmission(context, isExec ? 'PodExecOptions' : 'PodAttachOptions', {
    ...streams,
    container,
    ...(isExec ? { command } : {}),
  })
  const nodes = nodesOf(context)
  return {
    status: 101,
    headers: {},
    body: {
      upgrade: {
        kind: 'exec',
        ...streams,
        // With a terminal both outputs are one.
        stderr: streams.stderr && !streams.tty,
        run: (channels: ExecStreams) =>
          statusOf(() =>
            isExec
              ? nodes.exec({ pod: asJson(pod), container, command, tty: streams.tty }, channels)
              : nodes.attach({ pod: asJson(pod), container, tty: streams.tty }, channels),
          ),
      },
    },
  }
}

/** How a command ended, as the client reads it from the error stream. */
async function statusOf(run: () => Promise<number>): Promise<JsonObject> {
  try {
    const code = await run()
    if (code === 0) return { metadata: {}, status: 'Success' }
    return {
      metadata: {},
      status: 'Failure',
      message: `command terminated with non-zero exit code: exit status ${code}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    }
  } catch (error) {
    if (error instanceof StatusError) return error.toStatus()
    return { metadata: {}, status: 'Failure', message: (error as Error).message, reason: 'InternalError', code: 500 }
  }
}

async function podPortForward(context: ResourceRequest): Promise<ApiResponse> {
  const { query, request } = context
  if (request.method !== 'GET' && request.method !== 'POST') throw methodNotAllowed()
  const pod = await objectOf(context)
  checkHost(pod)
  const ports = query
    .getAll('ports')
    .flatMap((text) => text.split(','))
    .filter((text) => text !== '')
    .map(Number)
  if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65_535))
    throw badRequest('Unable to parse query parameter ports')
  await connectAdmission(context, 'PodPortForwardOptions', ports.length > 0 ? { ports } : {})
  const nodes = nodesOf(context)
  return {
    status: 101,
    headers: {},
    body: { upgrade: { kind: 'portforward', ports, dial: (port) => nodes.portForward(asJson(pod), port) } },
  }
}

/** `/proxy` of pods, services and nodes; the name may be `scheme:name:port`. */
async function proxy(context: ResourceRequest): Promise<ApiResponse> {
  const { resource, route, request } = context
  const { scheme, name, port } = nameParts(route.name)
  const named = { ...context, route: { ...route, name } }
  const object = await objectOf(named)
  const target = targetOf(resource.info.plural, object, scheme, port)
  if (!target) throw resourceNotFound()
  if (target.kind === 'pod') checkHost(object)
  const query = new URLSearchParams(request.query)
  // A request that names no path below the proxy is for its root.
  const path = route.rest === '' ? '/' : route.rest
  await connectAdmission(named, `${object.kind}ProxyOptions`, { path })
  const forwarded: ApiRequest = { ...request, query: query.toString() }
  return nodesOf(context).proxy(target, forwarded, path)
}

function nameParts(text: string): { scheme: string; name: string; port: string } {
  const parts = text.split(':')
  if (parts.length === 3) return { scheme: parts[0] ?? '', name: parts[1] ?? '', port: parts[2] ?? '' }
  if (parts.length === 2) return { scheme: '', name: parts[0] ?? '', port: parts[1] ?? '' }
  return { scheme: '', name: text, port: '' }
}

function targetOf(plural: string, object: KubeObject, scheme: string, port: string): ProxyTarget | undefined {
  const base = { scheme: scheme === '' ? 'http' : scheme, port }
  if (plural === 'pods') return { kind: 'pod', pod: asJson(object), ...base }
  if (plural === 'services') return { kind: 'service', service: asJson(object), ...base }
  if (plural === 'nodes') return { kind: 'node', node: asJson(object), ...base }
  return undefined
}
