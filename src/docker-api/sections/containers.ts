import type { CommitRequest, ContainerConfig, Engine, UpdateContainerRequest } from '../../engine/index.ts'
import { readFilters } from '../decode/filters.ts'
import { readRequest } from '../decode/request-body.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { parseInteger, parseSize } from '../http/query.ts'
import { type Route, route } from '../http/router.ts'
import { readCreateRequest } from './container-create.ts'
import { describeContainer, describeSummary } from './container-inspect.ts'
import { sendLogs, sendStats } from './container-output.ts'

/** Containers: everything but their streams and files, which have files of their own beside this one. */
export function containerRoutes(engine: Engine): Route[] {
  const { containers } = engine
  const id = (call: Call) => call.param('id')
  return [
    route('GET', '/containers/json', async (call) => {
      const limit = call.query.int('limit')
      const list = await containers.list({
        all: call.query.bool('all'),
        size: call.query.bool('size'),
        filters: readFilters(call.query.get('filters')),
        ...(limit === undefined || limit <= 0 ? {} : { limit }),
      })
      call.json(
        200,
        list.map((each) => describeSummary(each, call)),
      )
    }),
    route('POST', '/containers/create', async (call) => {
      const { request, warnings } = await readCreateRequest(call)
      const created = await containers.create(request)
      call.json(201, { Id: created.Id, Warnings: [...created.Warnings, ...warnings] })
    }),
    route('POST', '/containers/prune', async (call) => {
      const pruned = await containers.prune(readFilters(call.query.get('filters')))
      call.json(200, { ...pruned, ContainersDeleted: nullIfEmpty(pruned.ContainersDeleted) })
    }),
    route('GET', '/containers/{id}/json', async (call) => {
      const container = await containers.inspect(id(call), { size: call.query.bool('size') })
      call.json(200, describeContainer(container, call))
    }),
    route('GET', '/containers/{id}/top', async (call) => {
      call.json(200, await containers.top(id(call), call.query.get('ps_args')))
    }),
    route('GET', '/containers/{id}/logs', (call) => sendLogs(engine, call)),
    route('GET', '/containers/{id}/stats', (call) => sendStats(engine, call)),
    route('GET', '/containers/{id}/changes', async (call) => {
      call.json(200, await containers.changes(id(call)))
    }),
    route('POST', '/containers/{id}/start', async (call) => {
      const length = call.header('content-length')
      if (Number(length || 0) > 7 || call.header('transfer-encoding') !== '') {
        throw badRequest(
          'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
        )
      }
      if (call.query.get('checkpoint') !== '') throw badRequest('checkpoint is only supported in experimental mode')
      await containers.start(id(call))
      call.empty(204)
    }),
    route('POST', '/containers/{id}/stop', async (call) => {
      await containers.stop(id(call), stopOptions(call))
      call.empty(204)
    }),
    route('POST', '/containers/{id}/restart', async (call) => {
      await containers.restart(id(call), stopOptions(call))
      call.empty(204)
    }),
    route('POST', '/containers/{id}/kill', async (call) => {
      await containers.kill(id(call), call.query.get('signal'))
      call.empty(204)
    }),
    route('POST', '/containers/{id}/pause', async (call) => {
      await containers.pause(id(call))
      call.empty(204)
    }),
    route('POST', '/containers/{id}/unpause', async (call) => {
      await containers.unpause(id(call))
      call.empty(204)
    }),
    route('POST', '/containers/{id}/rename', async (call) => {
      await containers.rename(id(call), call.query.get('name'))
      call.empty(204)
    }),
    route('POST', '/containers/{id}/update', async (call) => {
      call.json(200, await containers.update(id(call), await readUpdate(call)))
    }),
    route('POST', '/containers/{id}/resize', async (call) => {
      const size = { rows: parseSize(call.query, 'h', 'height'), columns: parseSize(call.query, 'w', 'width') }
      await containers.resize(id(call), size)
      call.empty(200)
    }),
    route('POST', '/containers/{id}/wait', (call) => sendWait(engine, call)),
    route('DELETE', '/containers/{id}', async (call) => {
      const { query } = call
      await containers.remove(id(call), {
        force: query.bool('force'),
        volumes: query.bool('v'),
        link: query.bool('link'),
      })
      call.empty(204)
    }),
    route('POST', '/commit', async (call) => {
      const config = await readRequest<ContainerConfig>(call, 'POST /commit')
      call.json(201, await containers.commit(commitRequest(call, config)))
    }),
  ]
}

const nullIfEmpty = <T>(list: T[]) => (list.length === 0 ? null : list)

function stopOptions(call: Call): { signal?: string; timeoutSeconds?: number } {
  const signal = call.olderThan(42) ? '' : call.query.get('signal')
  const seconds = call.query.get('t')
  return {
    ...(signal === '' ? {} : { signal }),
    ...(seconds === '' ? {} : { timeoutSeconds: parseInteger(seconds, 'Atoi') }),
  }
}

async function readUpdate(call: Call): Promise<UpdateContainerRequest> {
  const update = await readRequest<UpdateContainerRequest>(call, 'POST /containers/{id}/update')
  if (call.olderThan(40)) delete update.PidsLimit
  if (call.olderThan(55)) {
    delete update.BlkioWeightDevice
    delete update.BlkioDeviceReadBps
    delete update.BlkioDeviceWriteBps
    delete update.BlkioDeviceReadIOps
    delete update.BlkioDeviceWriteIOps
  }
  // 0 and every negative number are "unlimited".
  if (typeof update.PidsLimit === 'number' && update.PidsLimit <= 0) update.PidsLimit = 0
  return update
}

function commitRequest(call: Call, config: ContainerConfig): CommitRequest {
  const { query } = call
  const optional = (name: 'repo' | 'tag' | 'comment' | 'author') =>
    query.get(name) === '' ? {} : { [name]: query.get(name) }
  return {
    container: query.get('container'),
    ...optional('repo'),
    ...optional('tag'),
    ...optional('comment'),
    ...optional('author'),
    pause: query.boolOr('pause', true),
    changes: query.all('changes'),
    ...(Object.keys(config).length === 0 ? {} : { config }),
  }
}

type WaitCondition = 'not-running' | 'next-exit' | 'removed'

/** Since 1.30 the head of the answer is sent at once, so that a client knows that its wait is registered. */
async function sendWait(engine: Engine, call: Call): Promise<void> {
  const asked = call.olderThan(30) ? '' : call.query.get('condition')
  if (!['', 'not-running', 'next-exit', 'removed'].includes(asked)) {
    throw badRequest(`invalid condition: ${JSON.stringify(asked)}`)
  }
  const condition = (asked === '' ? 'not-running' : asked) as WaitCondition
  const { ended } = engine.containers.wait(call.param('id'), condition, call.gone)
  const { response } = call
  response.writeHead(200, { 'Content-Type': 'application/json' })
  if (!call.olderThan(30)) response.flushHeaders()
  try {
    const { StatusCode, Error: fault } = await ended
    response.end(`${JSON.stringify(fault === undefined ? { StatusCode } : { StatusCode, Error: fault })}\n`)
  } catch (error) {
    if (!call.gone.aborted) throw error
  }
}
