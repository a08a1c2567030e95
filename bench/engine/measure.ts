import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Peer } from './peers.ts'

export async function cli(peer: Peer, args: readonly string[], cwd?: string): Promise<string> {
  const [program = '', ...first] = peer.cli
  const child = spawn(program, [...first, ...args], { env: peer.env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const out: Buffer[] = []
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${peer.name}: ${args.join(' ')}: exit ${code}: ${errors.trim()}`)
  return Buffer.concat(out).toString().trim()
}

/** Milliseconds that one command takes, its output read and thrown away. */
export async function timed(peer: Peer, args: readonly string[], cwd?: string): Promise<number> {
  const [program = '', ...first] = peer.cli
  const started = performance.now()
  const child = spawn(program, [...first, ...args], { env: peer.env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.resume()
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const took = performance.now() - started
  if (code !== 0) throw new Error(`${peer.name}: ${args.join(' ')}: exit ${code}: ${errors.trim()}`)
  return took
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Proportional set size of a process, in MB. */
export function pssMb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kb = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]
  if (kb === undefined) throw new Error(`no Pss of process ${pid}`)
  return Number(kb) / 1024
}
