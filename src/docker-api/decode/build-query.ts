import type { BuildRequest } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'
import { badRequest, withoutBuildKit } from '../http/docker-error.ts'
import { parseInteger } from '../http/query.ts'
import { GoJson, parseJson } from './go-json.ts'
import { readRegistryConfig } from './registry-auth.ts'
import { requestTypes } from './request-body.ts'

const decoder = new GoJson(requestTypes.structs)

/** The query, the headers and the body of POST /build. */
export function readBuildRequest(call: Call): BuildRequest {
  const { query } = call
  refuseUnsupported(call)
  const text = (name: string, field: keyof BuildRequest) => (query.get(name) === '' ? {} : { [field]: query.get(name) })
  const number = (name: string, field: keyof BuildRequest) => {
    const value = query.lenientInt(name)
    return value === 0 ? {} : { [field]: value }
  }
  const json = (name: string, field: keyof BuildRequest, type: string, what: string) =>
    query.get(name) === '' ? {} : { [field]: readJson(query.get(name), type, what) }
  const shmSize = query.get('shmsize')
  const remote = query.get('remote')
  return {
    ...(remote === '' ? { context: call.body } : remote === 'client-session' ? {} : { remote, context: call.body }),
    ...text('dockerfile', 'dockerfile'),
    ...text('target', 'target'),
    ...(call.olderThan(32) ? {} : text('platform', 'platform')),
    ...text('networkmode', 'networkMode'),
    ...text('cpusetcpus', 'cpusetCpus'),
    ...text('cpusetmems', 'cpusetMems'),
    ...text('cgroupparent', 'cgroupParent'),
    ...number('memory', 'memoryBytes'),
    ...number('memswap', 'memorySwapBytes'),
    ...number('cpushares', 'cpuShares'),
    ...number('cpuperiod', 'cpuPeriod'),
    ...number('cpuquota', 'cpuQuota'),
    ...(shmSize === '' ? {} : { shmSizeBytes: parseInteger(shmSize, 'ParseInt') }),
    ...readBuildArgs(query.get('buildargs')),
    ...json('labels', 'labels', 'map[string]string', 'error reading labels'),
    ...json('cachefrom', 'cacheFrom', '[]string', 'error reading cache-from'),
    ...json('ulimits', 'ulimits', '[]container.Ulimit', 'error reading ulimit settings'),
    tags: query.all('t'),
    extraHosts: query.all('extrahosts'),
    quiet: query.bool('q'),
    noCache: query.bool('nocache'),
    pull: query.bool('pull'),
    forceRemove: query.bool('forcerm'),
    remove: query.bool('forcerm') || query.get('rm') === '' || query.bool('rm'),
    squash: query.bool('squash'),
    auths: readRegistryConfig(call.header('x-registry-config')),
  }
}

function refuseUnsupported({ query }: Call): void {
  if (query.has('securityopt')) throw badRequest('security options are not supported on linux')
  const isolation = query.get('isolation')
  if (!['', 'default'].includes(isolation.toLowerCase())) {
    throw badRequest(`unsupported isolation: ${JSON.stringify(isolation)}`)
  }
  if (query.bool('squash')) throw badRequest('squash is only supported with experimental mode')
  const version = query.get('version')
  if (!['', '1', '2'].includes(version)) throw badRequest(`invalid version ${JSON.stringify(version)}`)
  if (version === '2') throw badRequest(withoutBuildKit)
}

/** A null value stays: the argument was named, but has no value where the client runs. */
function readBuildArgs(text: string): Pick<BuildRequest, 'buildArgs'> {
  if (text === '') return {}
  const value = readJson(text, 'map[string]any', 'error reading build args') as Record<string, unknown>
  const args: Record<string, string | null> = {}
  for (const [name, argument] of Object.entries(value)) {
    if (argument === null || typeof argument === 'string') args[name] = argument
    else readJson(JSON.stringify(argument), 'string', 'error reading build args')
  }
  return { buildArgs: args }
}

function readJson(text: string, type: string, what: string): unknown {
  try {
    return decoder.decode(type, parseJson(text)) ?? (type.startsWith('[]') ? [] : {})
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // json.Unmarshal, unlike the decoder of bodies, is given the whole text at once.
    const why = error.message
      .replace(/^invalid JSON: /, '')
      .replace('got EOF while reading request body', 'unexpected end of JSON input')
    throw badRequest(`${what}: ${why}`)
  }
}
