import type { Call } from './call.ts'

export type Handler = (call: Call) => Promise<void> | void

/** One line of a section: `GET /containers/{id}/json`. */
export type Route = {
  method: string
  pattern: string
  handle: Handler
  /** The minor version of the API that brought it; older requests are refused. */
  since?: number
}

/** Short for one line of a section. */
export const route = (method: string, pattern: string, handle: Handler): Route => ({ method, pattern, handle })

export type Match = { route: Route; params: Record<string, string> }

type Compiled = { route: Route; test: RegExp; names: string[] }

/**
 * Finds the route of a path. A name in braces takes any text, slashes included (image names have them); routes are
 * tried in the order given, so `/containers/json` stands before `/containers/{id}`.
 *
 * ```
 * GET → "containers" → [/containers/json, /containers/{id}/json, …]
 * ```
 */
export class Router {
  readonly #byMethod = new Map<string, Map<string, Compiled[]>>()

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const byHead = this.#byMethod.get(route.method) ?? new Map<string, Compiled[]>()
      this.#byMethod.set(route.method, byHead)
      const head = firstSegment(route.pattern)
      const list = byHead.get(head) ?? []
      byHead.set(head, list)
      list.push(compile(route))
    }
  }

  find(method: string, path: string): Match | undefined {
    for (const { route, test, names } of this.#byMethod.get(method)?.get(firstSegment(path)) ?? []) {
      const found = test.exec(path)
      if (found === null) continue
      const params: Record<string, string> = {}
      for (const [at, name] of names.entries()) params[name] = found[at + 1] ?? ''
      return { route, params }
    }
    return undefined
  }
}

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1)
  return end < 0 ? path.slice(1) : path.slice(1, end)
}

function compile(route: Route): Compiled {
  const names: string[] = []
  const source = route.pattern.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name)
    return '(.*)'
  })
  return { route, names, test: new RegExp(`^${source}$`, 's') }
}
