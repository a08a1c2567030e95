import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where one instance keeps what. Two instances have two state folders and share nothing. */
export interface Instance {
  /** 8 hexadecimal digits of the state folder's path: names bridges, tables, cgroups and the runtime folder. */
  readonly id: string
  readonly stateDir: string
  /** On a tmpfs: what a reboot may forget. */
  readonly runtimeDir: string
  readonly dockerSocket: string
  /** Written when the daemon is ready; see {@link DaemonStatus}. */
  readonly statusFile: string
  readonly logFile: string
  readonly contentDir: string
  /** Base images assembled from the distribution's archive; may be shared and prepared ahead. */
  readonly libraryDir: string
  /** docker and kubectl for those who have none. */
  readonly clientsDir: string
  readonly kubeDir: string
  readonly workshopDir: string
}

/** The XDG state folder; /var/lib/manufacture for root. */
export function defaultStateDir(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.getuid?.() === 0) return '/var/lib/manufacture'
  return join(environment.XDG_STATE_HOME || join(homedir(), '.local/state'), 'manufacture')
}

// A unix socket's path has 107 bytes at the most (sun_path).
const longestSocketPath = 107

export function instanceAt(stateDir: string): Instance {
  const state = resolve(stateDir)
  const id = createHash('sha256').update(state).digest('hex').slice(0, 8)
  const runtimeDir = join('/run/manufacture', id)
  const socket = join(state, 'docker.sock')
  return {
    id,
    stateDir: state,
    runtimeDir,
    dockerSocket: Buffer.byteLength(socket) <= longestSocketPath ? socket : join(runtimeDir, 'docker.sock'),
    statusFile: join(state, 'daemon.json'),
    logFile: join(state, 'daemon.log'),
    contentDir: join(state, 'content'),
    libraryDir: process.env.MANUFACTURE_LIBRARY || join(state, 'library'),
    clientsDir: process.env.MANUFACTURE_CLIENTS || join(state, 'clients'),
    kubeDir: join(state, 'kube'),
    workshopDir: join(state, 'workshop'),
  }
}
