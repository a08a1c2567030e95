import { goQuote } from './characters.ts'
import { csvFields, parseBoolean, parseRamBytes } from './go-values.ts'
import { didYouMean } from './suggest.ts'
import type { Mount, MountType } from './syntax.ts'
import { DockerfileError, fault } from './syntax-error.ts'

const types: readonly MountType[] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh']
const sharings = ['shared', 'private', 'locked'] as const
const options = [
  'type',
  'from',
  'source',
  'target',
  'readonly',
  'id',
  'sharing',
  'required',
  'size',
  'mode',
  'uid',
  'gid',
  'src',
  'dst',
  'destination',
  'ro',
  'rw',
  'readwrite',
  'env',
]

type Draft = { -readonly [Key in keyof Mount]: Mount[Key] } & { readOnlySaid: boolean }

/**
 * Understands `RUN --mount=…`. Without `expand` only what holds whatever the variables are is checked, as Docker does
 * when it reads the file; with it, all. Throws a DockerfileError without a place.
 */
export function parseMount(text: string, expand?: (word: string) => string): Mount {
  const mount: Draft = {
    type: 'bind',
    from: '',
    source: '',
    target: '',
    readOnly: false,
    sizeBytes: 0,
    id: '',
    sharing: '',
    required: false,
    readOnlySaid: false,
  }
  for (const field of fieldsOf(text)) {
    const equals = field.indexOf('=')
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase()
    if (equals < 0) {
      if (expand) setFlag(mount, key, field)
      continue
    }
    const value = field.slice(equals + 1)
    if (expand) setOption(mount, key, expand(value), field)
    else if (key === 'from') {
      const dollar = value.indexOf('$')
      if (dollar >= 0 && dollar !== value.length - 1)
        throw fault(`'${key}' doesn't support variable expansion, define alias stage instead`, { token: field })
      mount.from = value
    }
  }
  validate(mount)
  const { readOnlySaid, ...result } = mount
  return { ...result, readOnly: readOnlySaid ? mount.readOnly : mount.type !== 'cache' && mount.type !== 'tmpfs' }
}

function fieldsOf(text: string): string[] {
  try {
    return csvFields(text)
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw fault(`failed to parse csv mounts: ${error.reason}`, { token: text, expected: 'type=<type>,target=<path>,…' })
  }
}

function setReadOnly(mount: Draft, readOnly: boolean): void {
  mount.readOnly = readOnly
  mount.readOnlySaid = true
}

function setRequired(mount: Draft, key: string, value: boolean): void {
  if (mount.type !== 'secret' && mount.type !== 'ssh')
    throw fault(`unexpected key '${key}' for mount type '${mount.type}'`, { token: key })
  mount.required = value
}

function setFlag(mount: Draft, key: string, field: string): void {
  if (key === 'readonly' || key === 'ro') setReadOnly(mount, true)
  else if (key === 'readwrite' || key === 'rw') setReadOnly(mount, false)
  else if (key === 'required') setRequired(mount, key, true)
  else throw fault(`invalid field '${field}' must be a key=value pair`, { token: field, expected: '<key>=<value>' })
}

function boolean(key: string, value: string, field: string): boolean {
  const parsed = parseBoolean(value)
  if (parsed === undefined)
    throw fault(`invalid value for ${key}: ${value}`, { token: field, expected: 'true or false' })
  return parsed
}

function unsigned(key: string, value: string, radix: 8 | 10, field: string): number {
  const parsed = (radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(value) ? Number.parseInt(value, radix) : Number.NaN
  if (!(parsed < 2 ** 32))
    throw fault(`invalid value ${value} for ${key}`, { token: field, expected: radix === 8 ? '0755' : '1000' })
  return parsed
}

function setOption(mount: Draft, key: string, value: string, field: string): void {
  switch (key) {
    case 'type': {
      const type = types.find((known) => known === value.toLowerCase())
      if (!type)
        throw fault(`unsupported mount type ${goQuote(value)}${didYouMean(value, types, true)}`, {
          token: field,
          expected: types.join(', '),
        })
      mount.type = type
      return
    }
    case 'from':
      mount.from = value
      return
    case 'source':
    case 'src':
      mount.source = value
      return
    case 'target':
    case 'dst':
    case 'destination':
      mount.target = value
      return
    case 'readonly':
    case 'ro':
      setReadOnly(mount, boolean(key, value, field))
      return
    case 'readwrite':
    case 'rw':
      setReadOnly(mount, !boolean(key, value, field))
      return
    case 'required':
      setRequired(mount, key, boolean(key, value, field))
      return
    case 'size': {
      if (mount.type !== 'tmpfs')
        throw fault(`unexpected key '${key}' for mount type '${mount.type}'`, { token: field })
      const size = parseRamBytes(value)
      if (size === undefined) throw fault(`invalid value for ${key}: ${value}`, { token: field, expected: '64m' })
      mount.sizeBytes = size
      return
    }
    case 'id':
      mount.id = value
      return
    case 'sharing': {
      const sharing = sharings.find((known) => known === value.toLowerCase())
      if (!sharing)
        throw fault(`unsupported sharing value ${goQuote(value)}${didYouMean(value, sharings, true)}`, {
          token: field,
          expected: sharings.join(', '),
        })
      mount.sharing = sharing
      return
    }
    case 'mode':
      mount.mode = unsigned(key, value, 8, field)
      return
    case 'uid':
    case 'gid':
      mount[key] = unsigned(key, value, 10, field)
      return
    case 'env':
      mount.env = value
      return
    default:
      throw fault(`unexpected key '${key}' in '${field}'${didYouMean(key, options, true)}`, {
        token: field,
        expected: options.join(', '),
      })
  }
}

function validate(mount: Draft): void {
  if (mount.type === 'bind' || mount.type === 'tmpfs')
    for (const key of ['mode', 'uid', 'gid'] as const)
      if (mount[key] !== undefined)
        throw fault(`${key} not allowed for ${goQuote(mount.type)} type mounts`, { token: key })
  if (mount.type === 'secret') {
    if (mount.from !== '') throw fault('secret mount should not have a from', { token: 'from' })
    if (mount.sharing !== '') throw fault('secret mount should not define sharing', { token: 'sharing' })
    if (mount.source === '' && mount.target === '' && mount.id === '')
      throw fault('invalid secret mount. one of source, target required', { token: 'secret', expected: 'id=<secret>' })
    if (mount.source !== '' && mount.id !== '') throw fault("both source and id can't be set", { token: 'id' })
  }
  if (mount.sharing !== '' && mount.type !== 'cache')
    throw fault(`invalid cache sharing set for ${mount.type} mount`, { token: 'sharing' })
}
