import type { ApiResponse } from './contract.ts'
import type { Core } from './request-context.ts'
import { textResponse } from './respond.ts'

interface Check {
  readonly name: string
  readonly run: (core: Core) => Promise<unknown>
}

const ping: Check = { name: 'ping', run: async () => undefined }
const log: Check = { name: 'log', run: async () => undefined }
const store: Check = { name: 'etcd', run: ({ store }) => store.revision() }
const storeReady: Check = { name: 'etcd-readiness', run: ({ store }) => store.revision() }

const checks: Readonly<Record<string, readonly Check[]>> = {
  healthz: [ping, log, store],
  livez: [ping, log, store],
  readyz: [ping, log, store, storeReady],
}

/** /healthz, /livez, /readyz with `verbose` and `exclude`, and each check by its own path. */
export async function health(core: Core, path: string, query: URLSearchParams): Promise<ApiResponse | undefined> {
  const [, kind = '', name] = path.split('/')
  const all = checks[kind]
  if (!all) return undefined
  const chosen = name === undefined ? all : all.filter((check) => check.name === name)
  if (chosen.length === 0) return undefined
  const excluded = new Set(query.getAll('exclude'))
  const lines: string[] = []
  let failed = false
  for (const check of chosen) {
    if (excluded.delete(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`)
      continue
    }
    try {
      await check.run(core)
      lines.push(`[+]${check.name} ok`)
    } catch (error) {
      core.log.error({ err: error, check: check.name }, 'a health check failed')
      failed = true
      lines.push(`[-]${check.name} failed: reason withheld`)
    }
  }
  for (const unknown of excluded) lines.push(`warn: some health checks cannot be excluded: no matches for "${unknown}"`)
  if (failed) return textResponse(500, `${lines.join('\n')}\n${kind} check failed\n`)
  if (!query.has('verbose')) return textResponse(200, 'ok')
  return textResponse(200, `${lines.join('\n')}\n${kind} check passed\n`)
}
