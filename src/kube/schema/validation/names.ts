import { SyntaxProblem } from '../contract.ts'

/** Rules for names and small texts. Each gives the sentences that are wrong with the value, none when it is right. */
export type NameRule = (value: string) => string[]

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualifiedName})?`

const whole = (format: string) => new RegExp(`^${format}$`)
const labelForm = whole('[a-z0-9](?:[-a-z0-9]*[a-z0-9])?')
const subdomainForm = whole('[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*')
const label1035Form = whole('[a-z](?:[-a-z0-9]*[a-z0-9])?')
const qualifiedForm = whole('(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
const labelValueForm = whole('(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')

/** The sentence of a value that fails a regular expression, with examples. */
export function regexError(message: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`
  return `${message} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${format}')`
}

/** The limit as legacy validators say it (characters) and as declarative ones do (bytes). */
export const maxLenError = (length: number): string => `must be no more than ${length} characters`
const maxBytesError = (length: number): string => `must be no more than ${length} bytes`
export const emptyError = 'must be non-empty'
export const inclusiveRangeError = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`

export const byteLength = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return bytes
}

export function dns1123Label(value: string): string[] {
  const errors = []
  if (value.length > 63) errors.push(maxLenError(63))
  if (!labelForm.test(value)) {
    errors.push(
      subdomainForm.test(value)
        ? 'must not contain dots'
        : regexError(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            label,
            'my-name',
            '123-abc',
          ),
    )
  }
  return errors
}

const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"

export function dns1123Subdomain(value: string): string[] {
  const errors = []
  if (value.length > 253) errors.push(maxLenError(253))
  if (!subdomainForm.test(value)) errors.push(regexError(subdomainMessage, subdomain, 'example.com'))
  return errors
}

const underscoreLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const underscoreSubdomain = `${underscoreLabel}(\\.${underscoreLabel})*`
export function dns1123SubdomainWithUnderscore(value: string): string[] {
  const errors = []
  if (value.length > 253) errors.push(maxLenError(253))
  if (!whole(underscoreSubdomain).test(value)) {
    errors.push(
      regexError(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
        underscoreSubdomain,
        'example.com',
      ),
    )
  }
  return errors
}

export function dns1035Label(value: string): string[] {
  const errors = []
  if (value.length > 63) errors.push(maxLenError(63))
  if (!label1035Form.test(value)) {
    errors.push(
      regexError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        label1035,
        'my-name',
        'abc-123',
      ),
    )
  }
  return errors
}

const wildcardSubdomain = `\\*\\.${subdomain}`
export function wildcardDns1123Subdomain(value: string): string[] {
  const errors = []
  if (value.length > 253) errors.push(maxLenError(253))
  if (!(value.startsWith('*.') && subdomainForm.test(value.slice(2)))) {
    errors.push(
      regexError(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        wildcardSubdomain,
        '*.example.com',
      ),
    )
  }
  return errors
}

const qualifiedMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

/** A label's key, an annotation's, a finalizer, a resource: `[prefix/]name`. */
export function qualifiedNameRule(value: string): string[] {
  const slash = value.indexOf('/')
  const errors = []
  let name = value
  if (slash >= 0) {
    const prefix = value.slice(0, slash)
    name = value.slice(slash + 1)
    if (name.includes('/')) {
      return [
        `a valid label key ${regexError(qualifiedMessage, qualifiedName, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ]
    }
    if (prefix === '') errors.push(`prefix part ${emptyError}`)
    else {
      if (prefix.length > 253) errors.push(`prefix part ${maxBytesError(253)}`)
      if (!subdomainForm.test(prefix))
        errors.push(`prefix part ${regexError(subdomainMessage, subdomain, 'example.com')}`)
    }
  }
  if (name === '') errors.push(`name part ${emptyError}`)
  else if (byteLength(name) > 63) errors.push(`name part ${maxBytesError(63)}`)
  if (!qualifiedForm.test(name)) {
    errors.push(`name part ${regexError(qualifiedMessage, qualifiedName, 'MyName', 'my.name', '123-abc')}`)
  }
  return errors
}

export function labelValueRule(value: string): string[] {
  const errors = []
  if (byteLength(value) > 63) errors.push(maxBytesError(63))
  if (!labelValueForm.test(value)) {
    errors.push(
      regexError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        labelValue,
        'MyValue',
        'my_value',
        '12345',
      ),
    )
  }
  return errors
}

/** A name that becomes one segment of a path: RBAC's names, among others. */
export function pathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`)
}

export function cIdentifier(value: string): string[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return []
  return [
    regexError(
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
      '[A-Za-z_][A-Za-z0-9_]*',
      'my_name',
      'MY_NAME',
      'MyName',
    ),
  ]
}

export const portNumber = (port: number): string[] =>
  port >= 1 && port <= 65535 ? [] : [inclusiveRangeError(1, 65535)]

export const inRange = (value: number, low: number, high: number): string[] =>
  value >= low && value <= high ? [] : [inclusiveRangeError(low, high)]

/** Ids of users and groups. */
export const userId = (id: number): string[] => inRange(id, 0, 2147483647)

export function portName(port: string): string[] {
  const errors = []
  if (port.length > 15) errors.push(maxLenError(15))
  if (!/^[-a-z0-9]+$/.test(port)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(port)) errors.push('must contain at least one letter (a-z)')
  if (port.includes('--')) errors.push('must not contain consecutive hyphens')
  if (port.startsWith('-') || port.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

export const percent = (value: string): string[] =>
  /^[0-9]+%$/.test(value)
    ? []
    : [regexError("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')]

export const httpHeaderName = (value: string): string[] =>
  /^[-A-Za-z0-9]+$/.test(value)
    ? []
    : [
        regexError(
          "a valid HTTP header must consist of alphanumeric characters or '-'",
          '[-A-Za-z0-9]+',
          'X-Header-Name',
        ),
      ]

/** Names of environment variables: anything printable but `=` since 1.34. */
export function envVarName(value: string): string[] {
  if (value === '') return [`environment variable name ${emptyError}`]
  if (!/^[ -<>-~]+$/.test(value)) {
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
  }
  return []
}

export function configMapKey(value: string): string[] {
  const errors = []
  if (value.length > 253) errors.push(maxLenError(253))
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    errors.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  if (value === '.') errors.push("must not be '.'")
  else if (value === '..') errors.push("must not be '..'")
  else if (value.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

/** A name's base before the random suffix: at most 58 characters of it are kept. */
export function generatedName(base: string, suffix: string): string {
  if (suffix.length !== 5) throw new SyntaxProblem(`Cannot generate a name: the suffix has 5 characters (${suffix})`)
  return base.slice(0, 58) + suffix
}

/** The alphabet of generated names: no vowels, nothing that reads as another. */
export const generatedNameAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A rule as generateName applies it: a trailing dash is what the suffix follows. */
export function prefixed(rule: NameRule): NameRule {
  return (value) => rule(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value)
}
