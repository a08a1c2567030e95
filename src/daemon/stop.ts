import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { releaseMounts } from '../linux/index.ts'
import type { Instance } from './instance.ts'
import { daemonArgv, stateMarker } from './launch.ts'
import { processStartTime, readStatus } from './status.ts'

export type Stopped = { kind: 'stopped' } | { kind: 'nothing' } | { kind: 'timeout'; pid: number }

/** Ends the daemon with its containers, as stopping Docker's service does. */
export async function stopDaemon(instance: Instance, limitSeconds: number): Promise<Stopped> {
  const status = await readStatus(instance)
  if (!status) return { kind: 'nothing' }
  process.kill(status.pid, 'SIGTERM')
  const deadline = performance.now() + limitSeconds * 1000
  while (processStartTime(status.pid) === status.startTime) {
    if (performance.now() > deadline) return { kind: 'timeout', pid: status.pid }
    await sleep(20)
  }
  return { kind: 'stopped' }
}

/** Only a folder that `up` has made, or an empty or absent one, may be removed whole. */
export async function looksLikeStateDir(instance: Instance): Promise<boolean> {
  if (!existsSync(instance.stateDir)) return true
  if (!(await stat(instance.stateDir)).isDirectory()) return false
  const names = await readdir(instance.stateDir)
  return names.length === 0 || names.includes(stateMarker)
}

/** Removes what the instance has in the kernel and on the runtime tmpfs; the state folder is the caller's. */
export async function wipeInstance(instance: Instance): Promise<void> {
  if (existsSync(instance.runtimeDir)) {
    const [program = '', ...args] = daemonArgv(instance, ['--release'])
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status) => resolve(status ?? 1))
    })
    if (code !== 0) throw new Error(`Cannot release ${instance.runtimeDir}: ${errors.trim()}`)
    releaseMounts(instance.runtimeDir)
  }
  await rm(instance.runtimeDir, { recursive: true, force: true })
  const parent = join(instance.runtimeDir, '..')
  if (existsSync(parent) && (await readdir(parent)).length === 0) await rm(parent, { recursive: true, force: true })
}
