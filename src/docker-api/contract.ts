import type { Engine } from '../engine/index.ts'
import type { Log } from './http/call.ts'

export type { Log }

export type DockerApiOptions = {
  engine: Engine
  log: Log
  /** The product's version: GET /version, GET /info and the Server header. */
  version: string
  /** The revision it was made from, where that is known. */
  gitCommit?: string
}

/** The Docker Engine API on sockets. It holds no state of its own: closing it ends connections, nothing else. */
export interface DockerApi extends AsyncDisposable {
  /**
   * Serves on a unix socket that only its owner may use (mode 0600). A socket file that was left by a process that is
   * gone is replaced; one that somebody listens on is not, and the promise rejects.
   */
  listen(socketPath: string): Promise<void>
  /** Stops listening, ends every open connection and removes the socket file. */
  close(): Promise<void>
}
