import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type MachineNeed, machineNeeds } from '../linux/index.ts'
import { CliError, exitCodes } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { withProgress } from './output.ts'

export interface Lack {
  needs: MachineNeed[]
  /** The command that mends what can be mended by a package. */
  command: string | undefined
}

export function whatIsMissing(): Lack {
  const needs = machineNeeds().filter((need) => !need.present)
  const packages = [...new Set(needs.flatMap((need) => need.aptPackage ?? []))].sort()
  return {
    needs,
    command: packages.length > 0 ? `apt-get install -y --no-install-recommends ${packages.join(' ')}` : undefined,
  }
}

async function apt(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn('apt-get', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve(status ?? 1))
  })
  return { code, output }
}

/** Installs what the machine lacks with its own package manager; a CliError says what could not be had. */
export async function meetRequirements(): Promise<void> {
  const lack = whatIsMissing()
  if (lack.needs.length === 0) return
  const names = lack.needs.map((need) => need.name).join(', ')
  const packages = [...new Set(lack.needs.flatMap((need) => need.aptPackage ?? []))].sort()
  const asRoot = process.getuid?.() === 0
  if (!asRoot || packages.length === 0 || !existsSync('/usr/bin/apt-get')) {
    throw new CliError(say.missing(names), {
      exitCode: exitCodes.missing,
      next: lack.command ? `sudo ${lack.command}` : 'manufacture doctor',
    })
  }
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  const result = await withProgress(say.installing(packages.join(' ')), async () => {
    const first = await apt(install)
    if (first.code === 0) return first
    // A machine that has never asked its archive knows no package.
    const update = await apt(['update'])
    return update.code === 0 ? await apt(install) : update
  })
  const left = whatIsMissing()
  if (result.code !== 0 || left.needs.length > 0) {
    process.stderr.write(result.output.split('\n').slice(-12).join('\n'))
    throw new CliError(
      result.code === 0
        ? say.missing(left.needs.map((need) => need.name).join(', '))
        : say.installFailed(packages.join(' ')),
      { exitCode: exitCodes.missing, next: left.command ?? 'manufacture doctor' },
    )
  }
}
