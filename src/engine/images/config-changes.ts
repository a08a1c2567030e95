import { posix } from 'node:path'
import { parseSignal } from '../core/signals.ts'
import { invalid } from '../engine-error.ts'
import type { ContainerConfig } from '../shapes/index.ts'

/** The instructions that change an image's configuration alone. */
export type Instruction =
  | 'CMD'
  | 'ENTRYPOINT'
  | 'ENV'
  | 'EXPOSE'
  | 'LABEL'
  | 'ONBUILD'
  | 'STOPSIGNAL'
  | 'USER'
  | 'VOLUME'
  | 'WORKDIR'
  | 'HEALTHCHECK'

const accepted = new Set<string>([
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
])

function jsonForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? (list as string[]) : undefined
  } catch {
    return undefined
  }
}

/** Words as a Dockerfile has them: quotes group, a backslash escapes. */
export function words(text: string): string[] {
  const list: string[] = []
  let word = ''
  let quote = ''
  let any = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (char === '\\' && quote !== "'" && at + 1 < text.length) {
      word += text[at + 1] ?? ''
      at += 1
      any = true
    } else if (quote) {
      if (char === quote) quote = ''
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      any = true
    } else if (/\s/.test(char)) {
      if (any || word !== '') list.push(word)
      word = ''
      any = false
    } else word += char
  }
  if (any || word !== '') list.push(word)
  return list
}

/** `a=1 b=2`, or the old `a 1`. */
function pairs(instruction: string, text: string): [string, string][] {
  const first = text.split(/\s/, 1)[0] ?? ''
  if (!first.includes('=')) {
    const value = text.slice(first.length).trim()
    if (value === '') throw invalid(`${instruction} must have two arguments`)
    return [[first, value]]
  }
  return words(text).map((word) => {
    const at = word.indexOf('=')
    if (at <= 0)
      throw invalid(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`)
    return [word.slice(0, at), word.slice(at + 1)]
  })
}

const command = (config: ContainerConfig, text: string) =>
  jsonForm(text) ?? [...(config.Shell?.length ? config.Shell : ['/bin/sh', '-c']), text]

function durationNs(text: string): number {
  const unit: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }
  let total = 0
  for (const [, amount, name] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unit[name ?? ''] ?? 0)
  }
  if (total === 0 && !/^0(s|ms)?$/.test(text)) throw invalid(`invalid duration ${JSON.stringify(text)}`)
  return total
}

function healthcheck(config: ContainerConfig, text: string): void {
  let rest = text
  const check: NonNullable<ContainerConfig['Healthcheck']> = {}
  for (let flag = /^--([a-z-]+)=(\S+)\s+/.exec(rest); flag; flag = /^--([a-z-]+)=(\S+)\s+/.exec(rest)) {
    const [whole, name, value = ''] = flag
    rest = rest.slice(whole.length)
    if (name === 'interval') check.Interval = durationNs(value)
    else if (name === 'timeout') check.Timeout = durationNs(value)
    else if (name === 'start-period') check.StartPeriod = durationNs(value)
    else if (name === 'start-interval') check.StartInterval = durationNs(value)
    else if (name === 'retries') check.Retries = Number(value)
    else throw invalid(`Unknown flag: ${name}`)
  }
  const [kind = '', ...tail] = rest.split(/\s+/)
  if (kind.toUpperCase() === 'NONE') {
    config.Healthcheck = { Test: ['NONE'] }
    return
  }
  if (kind.toUpperCase() !== 'CMD') throw invalid(`Unknown type ${JSON.stringify(kind)} in HEALTHCHECK (try CMD)`)
  const line = tail.join(' ')
  const exec = jsonForm(line)
  config.Healthcheck = { ...check, Test: exec ? ['CMD', ...exec] : ['CMD-SHELL', line] }
}

/** Applies `docker commit --change`'s and `docker import --change`'s instructions, in order. */
export function applyChanges(config: ContainerConfig, changes: readonly string[]): void {
  for (const change of changes) {
    const line = change.trim()
    const name = line.split(/\s/, 1)[0] ?? ''
    const instruction = name.toUpperCase()
    const text = line.slice(name.length).trim()
    if (!accepted.has(instruction)) throw invalid(`${instruction.toLowerCase()} is not a valid change command`)
    if (text === '') throw invalid(`${instruction} requires at least one argument`)
    applyOne(config, instruction as Instruction, text)
  }
}

function applyOne(config: ContainerConfig, instruction: Instruction, text: string): void {
  switch (instruction) {
    case 'CMD':
      config.Cmd = command(config, text)
      return
    case 'ENTRYPOINT':
      config.Entrypoint = command(config, text)
      return
    case 'ENV':
      for (const [name, value] of pairs(instruction, text)) {
        const others = (config.Env ?? []).filter((entry) => !entry.startsWith(`${name}=`))
        config.Env = [...others, `${name}=${value}`]
      }
      return
    case 'LABEL':
      config.Labels = { ...config.Labels, ...Object.fromEntries(pairs(instruction, text)) }
      return
    case 'EXPOSE':
      for (const word of words(text)) {
        const port = word.includes('/') ? word.toLowerCase() : `${word}/tcp`
        if (!/^\d+(-\d+)?\/(tcp|udp|sctp)$/.test(port)) throw invalid(`Invalid containerPort: ${word}`)
        config.ExposedPorts = { ...config.ExposedPorts, [port]: {} }
      }
      return
    case 'VOLUME':
      for (const path of jsonForm(text) ?? words(text)) config.Volumes = { ...config.Volumes, [path]: {} }
      return
    case 'USER':
      config.User = text
      return
    case 'WORKDIR':
      config.WorkingDir = posix.resolve(config.WorkingDir || '/', text)
      return
    case 'STOPSIGNAL':
      parseSignal(text)
      config.StopSignal = text
      return
    case 'ONBUILD':
      config.OnBuild = [...(config.OnBuild ?? []), text]
      return
    case 'HEALTHCHECK':
      healthcheck(config, text)
  }
}
