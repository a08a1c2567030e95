import { posix } from 'node:path'
import {
  chompHeredoc,
  DockerfileError,
  expandWord,
  goQuoteList,
  type Instruction,
  parseExposedPort,
  parseHeredocMark,
  parseMount,
  proxyArguments,
  silentArguments,
} from '../../dockerfile/index.ts'
import type { ImageRunConfig } from '../../oci/index.ts'
import { parseSignal } from '../core/signals.ts'
import { BuildError } from './build-error.ts'
import { goDuration } from './go-duration.ts'
import type { InlineContent, Operation, RunMount, Source, Step } from './operation.ts'

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What later instructions of a stage, and stages that stand on it, go on from. */
export interface StageState {
  config: Writable<ImageRunConfig>
  author: string | undefined
  /** The image's environment with the ARGs over it. */
  readonly environment: Map<string, string>
  readonly args: Map<string, string | undefined>
  cmdSet: boolean
}

export interface ConvertOptions {
  readonly escape: '\\' | '`'
  readonly globals: ReadonlyMap<string, string>
  readonly buildArgs: Readonly<Record<string, string>>
  /** `COPY --from=x`, `RUN --mount=from=x`. */
  readonly source: (name: string) => Source
  /** Names of `--build-arg`s that were used. */
  readonly consumed: Set<string>
}

export function beginState(config: ImageRunConfig, author: string | undefined): StageState {
  const own: Writable<ImageRunConfig> = { ...config }
  const environment = new Map((own.Env ?? []).map(entryOf))
  if (!environment.has('PATH')) {
    environment.set('PATH', defaultPath)
    own.Env = [...(own.Env ?? []), `PATH=${defaultPath}`]
  }
  delete own.OnBuild
  return { config: own, author, environment, args: new Map(), cmdSet: false }
}

/** A stage that stands on another one sees that one's ARGs, too. */
export function inheritState(state: StageState): StageState {
  const { OnBuild: _triggers, ...config } = state.config
  return {
    config,
    author: state.author,
    environment: new Map(state.environment),
    args: new Map(state.args),
    cmdSet: false,
  }
}

function entryOf(entry: string): [string, string] {
  const equals = entry.indexOf('=')
  return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
}

interface Outcome {
  readonly createdBy: (sourceHash: string) => string
  readonly operation?: Operation
  readonly notes?: readonly string[]
}

/** One instruction → one step; changes the state. Throws a BuildError. */
export function convertInstruction(
  instruction: Instruction,
  state: StageState,
  options: ConvertOptions,
  trigger = false,
): Step {
  try {
    const outcome = new Converter(state, options).convert(instruction)
    return {
      source: instruction.source,
      kind: instruction.kind,
      line: instruction.startLine,
      endLine: instruction.endLine,
      trigger,
      config: { ...state.config },
      author: state.author,
      createdBy: outcome.createdBy,
      operation: outcome.operation,
      args: Object.fromEntries([...state.args].filter((entry): entry is [string, string] => entry[1] !== undefined)),
      environment: state.config.Env ?? [],
      notes: outcome.notes ?? [],
    }
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw new BuildError(error.reason, { status: 400, line: instruction.startLine })
  }
}

class Converter {
  readonly #state: StageState
  readonly #options: ConvertOptions

  constructor(state: StageState, options: ConvertOptions) {
    this.#state = state
    this.#options = options
  }

  #expand = (word: string): string => expandWord(word, this.#state.environment, { escape: this.#options.escape }).result

  #shell(): readonly string[] {
    const { Shell } = this.#state.config
    return Shell && Shell.length > 0 ? Shell : ['/bin/sh', '-c']
  }

  /** `/bin/sh -c #(nop)  ENV a=b`: what Docker writes for a step that runs nothing. */
  #comment(text: string): () => string {
    const shell = this.#shell().join(' ')
    return () => `${shell} #(nop)  ${text}`
  }

  #command(instruction: Extract<Instruction, { kind: 'cmd' | 'entrypoint' }>): readonly string[] {
    const { words, shell } = instruction.command
    return shell && words.length > 0 ? [...this.#shell(), ...words] : words
  }

  convert(instruction: Instruction): Outcome {
    const { config } = this.#state
    switch (instruction.kind) {
      case 'env':
        return this.#env(instruction)
      case 'label':
        return this.#label(instruction)
      case 'arg':
        return this.#arg(instruction)
      case 'run':
        return this.#run(instruction)
      case 'copy':
      case 'add':
        return this.#copy(instruction)
      case 'workdir':
        return this.#workdir(instruction)
      case 'cmd': {
        const words = this.#command(instruction)
        config.Cmd = words
        if (instruction.command.words.length > 0) this.#state.cmdSet = true
        return { createdBy: this.#comment(`CMD ${goQuoteList(words)}`) }
      }
      case 'entrypoint': {
        const words = this.#command(instruction)
        config.Entrypoint = words
        if (!this.#state.cmdSet) delete config.Cmd
        return { createdBy: this.#comment(`ENTRYPOINT ${goQuoteList(words)}`) }
      }
      case 'user':
        config.User = this.#expand(instruction.user)
        return { createdBy: this.#comment(`USER ${config.User}`) }
      case 'volume': {
        const paths = instruction.paths.map(this.#expand)
        if (paths.includes('')) throw new BuildError('VOLUME specified can not be an empty string', { status: 400 })
        config.Volumes = { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) }
        return { createdBy: this.#comment(`VOLUME [${paths.join(' ')}]`) }
      }
      case 'expose':
        return this.#expose(instruction)
      case 'stopsignal': {
        const signal = this.#expand(instruction.signal)
        parseSignal(signal)
        config.StopSignal = signal
        return { createdBy: this.#comment(`STOPSIGNAL ${signal}`) }
      }
      case 'shell':
        config.Shell = instruction.shell
        return { createdBy: this.#comment(`SHELL [${instruction.shell.join(' ')}]`) }
      case 'healthcheck':
        return this.#healthcheck(instruction)
      case 'maintainer':
        this.#state.author = instruction.maintainer
        return { createdBy: this.#comment(`MAINTAINER ${instruction.maintainer}`) }
      case 'onbuild':
        config.OnBuild = [...(config.OnBuild ?? []), instruction.expression]
        return { createdBy: this.#comment(`ONBUILD ${instruction.expression}`) }
    }
  }

  #env(instruction: Extract<Instruction, { kind: 'env' }>): Outcome {
    const pairs = instruction.pairs.map(({ key, value }) => ({ key: this.#expand(key), value: this.#expand(value) }))
    const merged = new Map((this.#state.config.Env ?? []).map(entryOf))
    for (const { key, value } of pairs) {
      merged.set(key, value)
      this.#state.environment.set(key, value)
    }
    this.#state.config.Env = [...merged].map(([key, value]) => `${key}=${value}`)
    return { createdBy: this.#comment(`ENV ${pairs.map(({ key, value }) => `${key}=${value}`).join(' ')}`) }
  }

  #label(instruction: Extract<Instruction, { kind: 'label' }>): Outcome {
    const pairs = instruction.pairs.map(({ key, value }): [string, string] => [this.#expand(key), this.#expand(value)])
    this.#state.config.Labels = { ...this.#state.config.Labels, ...Object.fromEntries(pairs) }
    return { createdBy: this.#comment(`LABEL ${pairs.map(([key, value]) => `${key}=${value}`).join(' ')}`) }
  }

  #arg(instruction: Extract<Instruction, { kind: 'arg' }>): Outcome {
    const { buildArgs, globals, consumed } = this.#options
    const written: string[] = []
    for (const { key: rawKey, value } of instruction.args) {
      const key = this.#expand(rawKey)
      consumed.add(key)
      let result: string | undefined
      if (Object.hasOwn(buildArgs, key)) result = buildArgs[key]
      else if (value !== undefined) result = this.#expand(value)
      else result = globals.get(key)
      if (result !== undefined && !silentArguments.has(key)) this.#state.environment.set(key, result)
      this.#state.args.set(key, result)
      written.push(value === undefined ? key : `${key}=${this.#expand(value)}`)
    }
    return { createdBy: this.#comment(`ARG ${written.join(' ')}`) }
  }

  #expose(instruction: Extract<Instruction, { kind: 'expose' }>): Outcome {
    const words = instruction.ports.flatMap(
      (word) => expandWord(word, this.#state.environment, { escape: this.#options.escape }).words,
    )
    const ports = words.flatMap((word) => parseExposedPort(word).ports)
    this.#state.config.ExposedPorts = {
      ...this.#state.config.ExposedPorts,
      ...Object.fromEntries(ports.map((port) => [port, {}])),
    }
    return { createdBy: this.#comment(`EXPOSE ${words.join(' ')}`) }
  }

  #healthcheck(instruction: Extract<Instruction, { kind: 'healthcheck' }>): Outcome {
    const { health } = instruction
    const before = this.#state.config.Healthcheck?.Test ?? []
    const notes =
      before.length > 0 && before[0] !== 'NONE' ? [`Note: overriding previous HEALTHCHECK: [${before.join(' ')}]`] : []
    this.#state.config.Healthcheck = {
      Test: health.test,
      ...(health.interval && { Interval: health.interval }),
      ...(health.timeout && { Timeout: health.timeout }),
      ...(health.startPeriod && { StartPeriod: health.startPeriod }),
      ...(health.startInterval && { StartInterval: health.startInterval }),
      ...(health.retries && { Retries: health.retries }),
    }
    const durations = `Interval:${goDuration(health.interval)} Timeout:${goDuration(health.timeout)} StartPeriod:${goDuration(health.startPeriod)} StartInterval:${goDuration(health.startInterval)}`
    return {
      createdBy: this.#comment(`HEALTHCHECK &{Test:[${health.test.join(' ')}] ${durations} Retries:${health.retries}}`),
      notes,
    }
  }

  #workdir(instruction: Extract<Instruction, { kind: 'workdir' }>): Outcome {
    const requested = this.#expand(instruction.path)
    if (requested === '') throw new BuildError('cannot normalize nothing', { status: 400 })
    const path = posix.resolve('/', this.#state.config.WorkingDir ?? '/', requested)
    this.#state.config.WorkingDir = path
    const shell = this.#shell().join(' ')
    return {
      createdBy: () => `${shell} #(nop) WORKDIR ${path}`,
      operation: { type: 'workdir', path, user: this.#state.config.User ?? '' },
    }
  }

  #copy(instruction: Extract<Instruction, { kind: 'copy' | 'add' }>): Outcome {
    const command = instruction.kind === 'copy' ? 'COPY' : 'ADD'
    const written = this.#expand(instruction.sources.destination)
    const joined = posix.resolve('/', this.#state.config.WorkingDir ?? '/', written)
    const folder = written === '' || /(^|\/)\.?$/.test(written)
    const chown = this.#expand(instruction.chown)
    const operation: Operation = {
      type: 'copy',
      command,
      source:
        instruction.kind === 'copy' && instruction.from !== '' ? this.#source(instruction.from) : { kind: 'context' },
      paths: instruction.sources.paths.map(this.#expand),
      files: instruction.sources.files.map(
        (file): InlineContent => ({
          name: file.name,
          content: file.expand
            ? expandWord(file.content, this.#state.environment, { skipQuotes: true }).result
            : file.content,
        }),
      ),
      destination: folder && joined !== '/' ? `${joined}/` : joined,
      writtenDestination: written,
      chown,
      chmod: this.#expand(instruction.chmod),
      link: instruction.link,
      parents: instruction.kind === 'copy' && instruction.parents,
      exclude: instruction.exclude.map(this.#expand),
      checksum: instruction.kind === 'add' ? this.#expand(instruction.checksum) : '',
      unpack: instruction.kind === 'add' ? (instruction.unpack ?? undefined) : false,
      keepGitDir: instruction.kind === 'add' && (instruction.keepGitDir ?? false),
    }
    const shell = this.#shell().join(' ')
    const owner = chown === '' ? '' : `--chown=${chown} `
    return { createdBy: (hash) => `${shell} #(nop) ${command} ${owner}${hash} in ${written} `, operation }
  }

  #source(from: string): Source {
    const expanded = expandWord(from, new Map()).result
    if (expanded !== from)
      throw new BuildError(
        'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
        { status: 400 },
      )
    return this.#options.source(from)
  }

  #run(instruction: Extract<Instruction, { kind: 'run' }>): Outcome {
    if (instruction.security === 'insecure')
      throw new BuildError('security.insecure is not allowed by the build daemon configuration', { status: 403 })
    if (instruction.devices.length > 0)
      throw new BuildError('device requests are not allowed by the build daemon configuration', { status: 403 })
    const { words, script } = this.#heredocCommand(instruction)
    const args = instruction.command.shell ? [...this.#shell(), words.join(' ')] : words
    const mounts = instruction.mounts.map((text): RunMount => {
      const mount = parseMount(text, this.#expand)
      const target = posix.resolve('/', this.#state.config.WorkingDir ?? '/', mount.target)
      if (target === '/' && mount.type !== 'secret' && mount.type !== 'ssh')
        throw new BuildError(`invalid mount target ${JSON.stringify(mount.target)}`, { status: 400 })
      const own = mount.from === '' && mount.type === 'cache'
      return {
        ...mount,
        target: mount.target === '' ? '' : target,
        origin: mount.from === '' || own ? { kind: 'context' } : this.#source(mount.from),
      }
    })
    return {
      createdBy: this.#runHistory(args),
      operation: {
        type: 'run',
        args,
        env: [...this.#state.environment].map(([key, value]) => `${key}=${value}`),
        proxies: this.#proxies(),
        user: this.#state.config.User ?? '',
        cwd: this.#state.config.WorkingDir || '/',
        mounts,
        network: instruction.network,
        ...(script ? { script } : {}),
      },
    }
  }

  /** A lone `<<EOF` is the script itself; otherwise the shell gets the line with its here-documents. */
  #heredocCommand(instruction: Extract<Instruction, { kind: 'run' }>): {
    words: readonly string[]
    script?: InlineContent
  } {
    const { words, heredocs } = instruction.command
    const [line] = words
    const [first] = heredocs
    if (!first || line === undefined) return { words }
    if (parseHeredocMark(line)) {
      const content = first.chomp ? chompHeredoc(first.content) : first.content
      if (!content.startsWith('#!')) return { words: [content] }
      return { words: [`/dev/pipes/${first.name}`], script: { name: first.name, content } }
    }
    return { words: [heredocs.reduce((text, { content, name }) => `${text}\n${content}${name}`, line)] }
  }

  #proxies(): string[] {
    return Object.entries(this.#options.buildArgs)
      .filter(([key]) => proxyArguments.has(key) && !this.#state.environment.has(key))
      .map(([key, value]) => `${key}=${value}`)
  }

  /** `|1 NAME=value /bin/sh -c …`: with the ARGs that the command can see. */
  #runHistory(args: readonly string[]): () => string {
    const own = new Map((this.#state.config.Env ?? []).map(entryOf))
    const visible = [...this.#state.args]
      .filter(([key, value]) => value !== undefined && !own.has(key))
      .map(([key, value]) => `${key}=${value}`)
      .sort()
    const prefix = visible.length > 0 ? `|${visible.length} ${visible.join(' ')} ` : ''
    return () => prefix + args.join(' ')
  }
}
