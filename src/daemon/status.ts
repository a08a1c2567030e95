import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { defaultStateDir, type Instance } from './instance.ts'

/** What `manufacture status --json` prints: one running daemon and every address that it serves. */
export interface DaemonStatus {
  pid: number
  /** Field 22 of /proc/PID/stat, in clock ticks since boot: tells a daemon from a later process with its pid. */
  startTime: number
  version: string
  stateDir: string
  /** The docker context that points here. */
  context: string
  addresses: {
    /** A DOCKER_HOST value. */
    docker: string
    /** host:port */
    registry: string
    /** A URL; absent where Kubernetes was not asked for. */
    kubernetes?: string
    /** The link of the workshop's page, with its token. */
    workshop?: string
  }
  /** Absent without Kubernetes. */
  kubeconfig?: string
}

export function processStartTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command, field 2, is in parentheses and may hold spaces.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

/** The running daemon of this instance, or undefined. */
export async function readStatus(instance: Instance): Promise<DaemonStatus | undefined> {
  let text: string
  try {
    text = await readFile(instance.statusFile, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const status = JSON.parse(text) as DaemonStatus
  return processStartTime(status.pid) === status.startTime ? status : undefined
}

/** The docker and kubectl context of an instance: `manufacture` for the default state folder. */
export function contextName(instance: Instance): string {
  return instance.stateDir === defaultStateDir() ? 'manufacture' : `manufacture-${instance.id}`
}
