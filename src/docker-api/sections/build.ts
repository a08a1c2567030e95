import type { BuildRequest, Engine, PruneRequest } from '../../engine/index.ts'
import { readBuildRequest } from '../decode/build-query.ts'
import { readFilters } from '../decode/filters.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'
import { Progress } from '../streams/progress.ts'

/** Build: the classic builder's stream, its cache, and the end of a build before its time. */
export function buildRoutes(engine: Engine): Route[] {
  /** Builds that run now and that their client named, so that it can cancel them. */
  const running = new Map<string, AbortController>()
  return [
    route('POST', '/build', async (call) => {
      const request = readBuildRequest(call)
      const id = call.query.get('buildid')
      const cancel = new AbortController()
      if (id !== '') running.set(id, cancel)
      try {
        await build(engine, call, request, AbortSignal.any([call.gone, cancel.signal]))
      } finally {
        if (running.get(id) === cancel) running.delete(id)
      }
    }),
    route('POST', '/build/cancel', (call) => {
      const id = call.query.get('id')
      if (id === '') throw badRequest('build ID not provided')
      running.get(id)?.abort()
      call.empty(200)
    }),
    route('POST', '/build/prune', async (call) => {
      const { deleted, reclaimedBytes } = await engine.builder.prune(readPrune(call))
      call.json(200, { CachesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimedBytes })
    }),
  ]
}

/** With `q` the only line is the image's id, or what went wrong. */
async function build(engine: Engine, call: Call, request: BuildRequest, signal: AbortSignal): Promise<void> {
  const lines = engine.builder.buildLegacy(request, signal)
  await new Progress(call).pipe(call.olderThan(30) ? withoutAux(lines) : lines)
}

async function* withoutAux<T extends { aux?: object }>(lines: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const line of lines) if (line.aux === undefined) yield line
}

function readPrune(call: Call): PruneRequest {
  const bytes = (name: string) => {
    const text = call.query.get(name)
    if (text === '') return 0
    if (!/^[+-]?\d+$/.test(text)) {
      throw badRequest(
        `${name} is in bytes and expects an integer, got ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
      )
    }
    return Number(text)
  }
  const newer = !call.olderThan(48)
  return {
    all: call.query.bool('all'),
    filters: readFilters(call.query.get('filters')),
    reservedSpaceBytes: (newer && bytes('reserved-space')) || bytes('keep-storage'),
    ...(newer ? { maxUsedSpaceBytes: bytes('max-used-space'), minFreeSpaceBytes: bytes('min-free-space') } : {}),
  }
}
