import { goQuote, trimSpace } from './characters.ts'
import { DirectiveReader } from './directives.ts'
import { parseBoolean } from './go-values.ts'
import { DockerfileError, fault } from './syntax-error.ts'

/** What `# check=skip=…;experimental=…;error=true` says. */
export interface CheckConfig {
  readonly skip: ReadonlySet<string>
  readonly skipAll: boolean
  readonly experimental: ReadonlySet<string>
  readonly experimentalAll: boolean
  readonly error: boolean
}

export const defaultCheckConfig: CheckConfig = {
  skip: new Set(),
  skipAll: false,
  experimental: new Set(),
  experimentalAll: false,
  error: false,
}

function names(value: string): { all: boolean; names: ReadonlySet<string> } {
  if (value === 'all') return { all: true, names: new Set() }
  return { all: false, names: new Set(value.split(',').map(trimSpace)) }
}

export function parseCheckConfig(text: string): CheckConfig {
  const trimmed = trimSpace(text)
  let config = defaultCheckConfig
  if (trimmed === '') return config
  const parts = trimmed.split(';')
  for (const part of [...parts.slice(0, 2), ...(parts.length > 2 ? [parts.slice(2).join(';')] : [])]) {
    const equals = part.indexOf('=')
    if (equals < 0) throw fault(`invalid check option ${goQuote(part)}`, { token: part })
    const key = trimSpace(part.slice(0, equals))
    const value = trimSpace(part.slice(equals + 1))
    const list = names(value)
    if (key === 'skip') config = { ...config, skip: list.names, skipAll: list.all }
    else if (key === 'experimental') config = { ...config, experimental: list.names, experimentalAll: list.all }
    else if (key === 'error') {
      const error = parseBoolean(value)
      if (error === undefined)
        throw fault(
          `failed to parse check option ${goQuote(part)}: strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`,
          { token: part },
        )
      config = { ...config, error }
    } else throw fault(`invalid check option ${goQuote(key)}`, { token: key, expected: 'skip, experimental, error' })
  }
  return config
}

/** A `# check=…` comment directly above an instruction holds for that instruction. */
export function withComments(config: CheckConfig, comments: readonly string[]): CheckConfig {
  for (const comment of comments) {
    const directive = new DirectiveReader('').read(comment, 0)
    if (directive?.name !== 'check') continue
    try {
      const own = parseCheckConfig(directive.value.split(' ')[0] ?? '')
      return {
        skip: new Set([...config.skip, ...own.skip]),
        skipAll: config.skipAll || own.skipAll,
        experimental: new Set([...config.experimental, ...own.experimental]),
        experimentalAll: config.experimentalAll || own.experimentalAll,
        error: config.error,
      }
    } catch (error) {
      // Docker takes a comment that it cannot read for an ordinary one
      if (error instanceof DockerfileError) return config
      throw error
    }
  }
  return config
}
