import type { Engine } from '../../engine/index.ts'
import { credentials } from '../decode/credentials.ts'
import { readPlatform } from '../decode/platform.ts'
import { readRegistryAuth } from '../decode/registry-auth.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'
import { Progress } from '../streams/progress.ts'
import { send } from './archive.ts'

/** Images on their way in and out: pull, push, import, save, load. */
export function imageTransferRoutes(engine: Engine): Route[] {
  const { images } = engine
  return [
    route('POST', '/images/create', (call) =>
      call.query.get('fromImage') === '' ? importImage(engine, call) : pull(engine, call),
    ),
    route('POST', '/images/{name}/push', (call) => push(engine, call)),
    route('POST', '/images/load', async (call) => {
      const platforms = readPlatforms(call)
      const quiet = call.query.boolOr('quiet', true)
      const progress = new Progress(call)
      // Docker has begun its answer before it looks at the archive: every fault is a line of it.
      try {
        await images.load(call.body, { quiet, ...platforms }, (line) => progress.write(line), call.gone)
      } catch (error) {
        if (!call.gone.aborted) progress.fail(error)
      }
      progress.end()
    }),
    route('GET', '/images/get', async (call) => {
      const tar = await images.save(call.query.all('names'), readPlatforms(call))
      call.response.writeHead(200, { 'Content-Type': 'application/x-tar' })
      await send(call, tar)
    }),
    route('GET', '/images/{name}/get', async (call) => {
      const tar = await images.save([call.param('name')], readPlatforms(call))
      call.response.writeHead(200, { 'Content-Type': 'application/x-tar' })
      await send(call, tar)
    }),
  ]
}

async function pull(engine: Engine, call: Call): Promise<void> {
  const { query } = call
  const tag = query.get('tag')
  const platform = call.olderThan(32) ? '' : query.get('platform')
  const auth = credentials(readRegistryAuth(call.header('x-registry-auth')))
  const options = {
    // "pull -a" sends the name with a colon behind it.
    image: query.get('fromImage').replace(/:$/, ''),
    ...(tag === '' ? {} : { tag }),
    ...(platform === '' ? {} : { platform }),
    ...(auth === undefined ? {} : { credentials: auth }),
  }
  await new Progress(call).run((emit) => engine.images.pull(options, emit, call.gone))
}

async function importImage(engine: Engine, call: Call): Promise<void> {
  const { query } = call
  const source = query.get('fromSrc')
  const optional = (name: 'repo' | 'tag' | 'message') => (query.get(name) === '' ? {} : { [name]: query.get(name) })
  const platform = call.olderThan(32) ? '' : query.get('platform')
  const options = {
    source: source === '-' ? call.body : source.includes('://') ? source : `http://${source}`,
    ...optional('repo'),
    ...optional('tag'),
    ...optional('message'),
    changes: query.all('changes'),
    ...(platform === '' ? {} : { platform }),
  }
  await new Progress(call).run((emit) => engine.images.import(options, emit, call.gone))
}

async function push(engine: Engine, call: Call): Promise<void> {
  const { query } = call
  const tag = query.get('tag')
  const platform = call.olderThan(46) ? '' : query.get('platform')
  const auth = credentials(readRegistryAuth(call.header('x-registry-auth')))
  const options = {
    image: call.param('name'),
    ...(tag === '' ? {} : { tag }),
    ...(platform === '' ? {} : { platform: readPlatform(platform) }),
    ...(auth === undefined ? {} : { credentials: auth }),
  }
  await new Progress(call).run((emit) => engine.images.push(options, emit, call.gone))
}

function readPlatforms(call: Call): { platforms?: string[] } {
  const given = call.olderThan(48) ? [] : call.query.all('platform')
  if (given.length > 1 && call.olderThan(52)) {
    throw badRequest(
      'multiple platform parameters are not supported in this API version; use API version 1.52 or later',
    )
  }
  return given.length === 0 ? {} : { platforms: given.map(readPlatform) }
}
