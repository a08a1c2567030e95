import { afterAll, beforeAll } from 'vitest'
import { startDaemon, type TestDaemon } from '../support/daemon.ts'
import { type Answer, type AskOptions, ask } from './http.ts'

export interface Session {
  readonly daemon: TestDaemon
  get(path: string, options?: AskOptions): Promise<Answer>
  post(path: string, body?: unknown, options?: AskOptions): Promise<Answer>
  put(path: string, options?: AskOptions): Promise<Answer>
  delete(path: string, options?: AskOptions): Promise<Answer>
  /** The docker command; an error with its own words where it fails. */
  docker(...args: string[]): Promise<string>
  /** Creates and starts a container over the API; gives its id. */
  start(config: object, name?: string): Promise<string>
}

/** One daemon for all tests of a file, with the images that it needs. */
export function sharedDaemon(...images: string[]): Session {
  let running: TestDaemon | undefined
  const daemon = () => {
    if (running === undefined) throw new Error('the daemon runs only while tests do')
    return running
  }
  beforeAll(async () => {
    running = await startDaemon()
    for (const image of images) await running.ok('pull', '--quiet', image)
  })
  afterAll(async () => await running?.[Symbol.asyncDispose]())
  const session: Session = {
    get daemon() {
      return daemon()
    },
    get: (path, options) => ask(daemon().socket, 'GET', path, options),
    post: (path, body, options) =>
      ask(daemon().socket, 'POST', path, body === undefined ? options : { ...options, body }),
    put: (path, options) => ask(daemon().socket, 'PUT', path, options),
    delete: (path, options) => ask(daemon().socket, 'DELETE', path, options),
    docker: (...args) => daemon().ok(...args),
    async start(config, name) {
      const query = name === undefined ? '' : `?name=${name}`
      const created = await session.post(`/containers/create${query}`, { Image: 'busybox', ...config })
      if (created.status !== 201) throw new Error(created.text)
      const started = await session.post(`/containers/${created.json.Id}/start`)
      if (started.status !== 204) throw new Error(started.text)
      return created.json.Id
    },
  }
  return session
}
