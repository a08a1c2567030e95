import { silentArguments } from './arguments.ts'
import { goQuote } from './characters.ts'
import { attempt, type CheckOptions, type IgnoreFile, type Report } from './check-report.ts'
import { expandWord } from './expand.ts'
import { parseMount } from './mount.ts'
import { parseExposedPort } from './ports.ts'
import { nearest } from './suggest.ts'
import type { Dockerfile, Instruction, Sources } from './syntax.ts'

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What an instruction finds: what those before it, in this stage and the one below, have set. */
interface State {
  readonly environment: Map<string, string>
  readonly args: Set<string>
  shell: boolean
  workdir: boolean
}

const tokens = 'apikey|auth|credential|credentials|key|password|pword|passwd|secret|token'
const secretName = new RegExp(`(?:_|^)(?:${tokens})(?:_|$)`, 'i')
const harmlessName = /(?:_|^)(?:public|file|version)(?:_|$)/i

/** The checks that need to know what variables hold: each stage is followed from its base on. */
export function checkStages(
  file: Dockerfile,
  globals: ReadonlyMap<string, string>,
  options: CheckOptions,
  report: Report,
): void {
  const byName = new Map<string, State>()
  for (const [index, stage] of file.stages.entries()) {
    const base = attempt(() => expandWord(stage.base, globals, { escape: file.escape }))?.result ?? stage.base
    const below = byName.get(base)
    const state = below ? copyState(below) : initialState(options.baseConfig?.(index))
    if (stage.name !== '') byName.set(stage.name, state)
    if (options.stages && !options.stages.has(index)) continue
    const once = new Map<string, Instruction>()
    for (const instruction of stage.instructions)
      report.under(instruction.comments, () =>
        new InstructionCheck(file, globals, options, report, state, once).check(instruction),
      )
  }
}

function initialState(base: ReturnType<NonNullable<CheckOptions['baseConfig']>>): State {
  const environment = new Map(
    (base?.environment ?? []).map((entry): [string, string] => {
      const equals = entry.indexOf('=')
      return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
    }),
  )
  if (!environment.has('PATH')) environment.set('PATH', defaultPath)
  return { environment, args: new Set(), shell: base?.shell ?? false, workdir: false }
}

function copyState(state: State): State {
  return { ...state, environment: new Map(state.environment), args: new Set(state.args) }
}

class InstructionCheck {
  readonly #file: Dockerfile
  readonly #globals: ReadonlyMap<string, string>
  readonly #options: CheckOptions
  readonly #report: Report
  readonly #state: State
  readonly #once: Map<string, Instruction>

  constructor(
    file: Dockerfile,
    globals: ReadonlyMap<string, string>,
    options: CheckOptions,
    report: Report,
    state: State,
    once: Map<string, Instruction>,
  ) {
    this.#file = file
    this.#globals = globals
    this.#options = options
    this.#report = report
    this.#state = state
    this.#once = once
  }

  check(instruction: Instruction): void {
    const state = this.#state
    switch (instruction.kind) {
      case 'env':
      case 'label':
        this.#pairs(instruction)
        return
      case 'arg':
        this.#arg(instruction)
        return
      case 'run':
        for (const mount of instruction.mounts)
          attempt(() => parseMount(mount, (word) => this.#expand(instruction, word)))
        return
      case 'copy':
        this.#words(instruction, [instruction.chown, instruction.chmod])
        this.#sources(instruction, instruction.sources, instruction.from === '' ? 'Copy' : undefined)
        return
      case 'add':
        this.#words(instruction, [instruction.chown, instruction.chmod, instruction.checksum])
        this.#sources(instruction, instruction.sources, 'Add')
        return
      case 'workdir': {
        const path = this.#expand(instruction, instruction.path)
        if (!state.workdir && !path.startsWith('/'))
          this.#report.warn(
            'WorkdirRelativePath',
            instruction,
            `Relative workdir ${goQuote(path)} can have unexpected results if the base image changes`,
          )
        state.workdir = true
        return
      }
      case 'user':
        this.#words(instruction, [instruction.user])
        return
      case 'volume':
        this.#words(instruction, instruction.paths)
        return
      case 'stopsignal':
        this.#words(instruction, [instruction.signal])
        return
      case 'shell':
        state.shell = true
        return
      case 'expose':
        this.#expose(instruction)
        return
      case 'healthcheck':
        this.#onlyOnce(instruction)
        return
      case 'cmd':
      case 'entrypoint':
        this.#onlyOnce(instruction)
        if (instruction.command.shell && !state.shell)
          this.#report.warn(
            'JSONArgsRecommended',
            instruction,
            `JSON arguments recommended for ${instruction.keyword} to prevent unintended behavior related to OS signals`,
          )
        return
      case 'maintainer':
      case 'onbuild':
        return
    }
  }

  #onlyOnce(instruction: Instruction): void {
    const earlier = this.#once.get(instruction.kind)
    // the earlier one is at fault: it is the one that will be ignored
    if (earlier)
      this.#report.warn(
        'MultipleInstructionsDisallowed',
        earlier,
        `Multiple ${instruction.keyword} instructions should not be used in the same stage because only the last one will be used`,
      )
    this.#once.set(instruction.kind, instruction)
  }

  #words(instruction: Instruction, words: readonly string[]): void {
    for (const word of words) this.#expand(instruction, word)
  }

  #expand(instruction: Instruction, word: string, skipQuotes = false): string {
    const { environment, args } = this.#state
    const options = skipQuotes ? { skipQuotes } : { escape: this.#file.escape }
    const expansion = attempt(() => expandWord(word, environment, options))
    for (const name of expansion?.unmatched ?? []) {
      if (args.has(name) || silentArguments.has(name)) continue
      const suggestion = nearest(name, environment.keys(), true)
      this.#report.warn(
        'UndefinedVar',
        instruction,
        `Usage of undefined variable '$${name}'${suggestion ? ` (did you mean $${suggestion}?)` : ''}`,
      )
    }
    return expansion?.result ?? word
  }

  #pairs(instruction: Extract<Instruction, { kind: 'env' | 'label' }>): void {
    const expanded = instruction.pairs.map(({ key, value, legacy }) => ({
      key: this.#expand(instruction, key),
      value: this.#expand(instruction, value),
      legacy,
    }))
    for (const { key, value, legacy } of expanded) {
      const { keyword } = instruction
      if (legacy)
        this.#report.warn(
          'LegacyKeyValueFormat',
          instruction,
          `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`,
        )
      if (instruction.kind !== 'env') continue
      this.#secret(instruction, 'ENV', key)
      this.#state.environment.set(key, value)
    }
  }

  #secret(instruction: Instruction, keyword: string, name: string): void {
    if (!secretName.test(name) || harmlessName.test(name)) return
    this.#report.warn(
      'SecretsUsedInArgOrEnv',
      instruction,
      `Do not use ARG or ENV instructions for sensitive data (${keyword} ${goQuote(name)})`,
    )
  }

  #arg(instruction: Extract<Instruction, { kind: 'arg' }>): void {
    const buildArgs = this.#options.buildArgs ?? {}
    for (const { key, value } of instruction.args) {
      this.#secret(instruction, 'ARG', key)
      let result: string | undefined
      if (Object.hasOwn(buildArgs, key)) result = buildArgs[key]
      else if (value !== undefined) result = this.#expand(instruction, value)
      else result = this.#globals.get(key)
      if (result !== undefined && !silentArguments.has(key)) this.#state.environment.set(key, result)
      this.#state.args.add(key)
    }
  }

  #sources(instruction: Instruction, sources: Sources, command: 'Copy' | 'Add' | undefined): void {
    const paths = sources.paths.map((path) => this.#expand(instruction, path))
    this.#expand(instruction, sources.destination)
    for (const file of sources.files) if (file.expand) this.#expand(instruction, file.content, true)
    if (!command || !this.#options.ignore || this.#options.ignore.exceptions) return
    for (const path of paths) {
      const clean = cleanPath(path)
      if (/^(https?:\/\/|git@|git:\/\/)/.test(path) || !isIgnored(this.#options.ignore, clean)) continue
      this.#report.warn(
        'CopyIgnoredFile',
        instruction,
        `Attempting to ${command} file ${goQuote(clean)} that is excluded by .dockerignore`,
      )
    }
  }

  #expose(instruction: Extract<Instruction, { kind: 'expose' }>): void {
    for (const word of instruction.ports)
      for (const port of attempt(() => expandWord(word, this.#state.environment, { escape: this.#file.escape }))
        ?.words ?? []) {
        const parsed = attempt(() => parseExposedPort(port))
        if (!parsed) return
        if (parsed.protocol !== parsed.protocol.toLowerCase())
          this.#report.warn(
            'ExposeProtoCasing',
            instruction,
            `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
          )
        if (parsed.mapped)
          this.#report.warn(
            'ExposeInvalidFormat',
            instruction,
            `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
          )
      }
  }
}

function isIgnored(ignore: IgnoreFile, path: string): boolean {
  // "." and "/" are the context itself: only what excludes everything excludes them
  if ((path === '.' || path === '/') && !ignore.patterns.some((pattern) => ['*', '**', '**/*'].includes(pattern)))
    return false
  return ignore.excludes(path)
}

/** Go's filepath.Clean. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '..' || !rooted) parts.push(part)
  }
  return (rooted ? '/' : '') + parts.join('/') || (rooted ? '/' : '.')
}
