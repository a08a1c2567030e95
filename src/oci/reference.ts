import { type Digest, isDigest, parseDigest } from './digest.ts'
import { OciError } from './oci-error.ts'

/** A repository on a host, with perhaps a tag, perhaps a digest. Always normalised: `python` has become docker.io/library/python. */
export interface NamedReference {
  readonly domain: string
  readonly path: string
  readonly tag?: string
  readonly digest?: Digest
}

const defaultDomain = 'docker.io'
const legacyDefaultDomain = 'index.docker.io'
const officialPrefix = 'library/'
const longestPath = 255

// The grammar of distribution/reference, rule by rule.
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*'
const remoteName = `${pathComponent}(?:/${pathComponent})*`
const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const host = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[(?:[a-fA-F0-9:]+)\\])`
const domainAndPort = `${host}(?::[0-9]+)?`
const tag = '[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[a-fA-F0-9]{32,}'

const reference = new RegExp(`^(?:(${domainAndPort})/)?(${remoteName})(?::(${tag}))?(?:@(${digest}))?$`)
const tagAlone = new RegExp(`^${tag}$`)
const identifier = /^[a-f0-9]{64}$/

function splitDomain(name: string): { domain: string; rest: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isDomain = slash >= 0 && (first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first)
  const domain = !isDomain || first === legacyDefaultDomain ? defaultDomain : first
  const rest = isDomain ? name.slice(slash + 1) : name
  return { domain, rest: domain === defaultDomain && !rest.includes('/') ? officialPrefix + rest : rest }
}

function parseFull(text: string): NamedReference {
  const match = reference.exec(text)
  if (!match) {
    if (text === '') throw new OciError('invalid', 'repository name must have at least one component')
    if (reference.test(text.toLowerCase())) throw new OciError('invalid', 'repository name must be lowercase')
    throw new OciError('invalid', 'invalid reference format')
  }
  const [, domain = '', path = '', tagText, digestText] = match
  if (path.length > longestPath) {
    throw new OciError('invalid', `repository name must not be more than ${longestPath} characters`)
  }
  return {
    domain,
    path,
    ...(tagText !== undefined && { tag: tagText }),
    ...(digestText !== undefined && { digest: parseDigest(digestText) }),
  }
}

/**
 * What a user typed → a full reference: `python` → docker.io/library/python.
 * @throws OciError invalid, with the sentences of distribution/reference
 */
export function parseNormalizedName(text: string): NamedReference {
  if (identifier.test(text)) {
    throw new OciError('invalid', `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  }
  const { domain, rest } = splitDomain(text)
  const remote = rest.split(':', 1)[0] ?? ''
  if (remote.toLowerCase() !== remote) {
    throw new OciError('invalid', `invalid reference format: repository name (${remote}) must be lowercase`)
  }
  return parseFull(`${domain}/${rest}`)
}

/** An id alone (64 hexadecimal digits, or a digest), or a name. */
export function parseAnyReference(text: string): { readonly id: Digest } | { readonly name: NamedReference } {
  if (identifier.test(text)) return { id: parseDigest(`sha256:${text}`) }
  return isDigest(text) ? { id: text } : { name: parseNormalizedName(text) }
}

export function isTag(text: string): boolean {
  return tagAlone.test(text)
}

/** `docker.io/library/python`. */
export function nameOf(name: NamedReference): string {
  return `${name.domain}/${name.path}`
}

/** The whole reference: `docker.io/library/python:3.9@sha256:…`. */
export function canonicalString(name: NamedReference): string {
  return nameOf(name) + suffix(name)
}

/** The name as a user types it, without tag or digest: `python`, `localhost:5000/app`. */
export function familiarName(name: NamedReference): string {
  if (name.domain !== defaultDomain) return nameOf(name)
  const official = name.path.startsWith(officialPrefix) && !name.path.slice(officialPrefix.length).includes('/')
  return official ? name.path.slice(officialPrefix.length) : name.path
}

/** As `docker images` shows it: `python:3.9`. */
export function familiarString(name: NamedReference): string {
  return familiarName(name) + suffix(name)
}

function suffix(name: NamedReference): string {
  return (name.tag === undefined ? '' : `:${name.tag}`) + (name.digest === undefined ? '' : `@${name.digest}`)
}

/** @throws OciError invalid: `invalid tag format` */
export function withTag(name: NamedReference, tagText: string): NamedReference {
  if (!isTag(tagText)) throw new OciError('invalid', 'invalid tag format')
  return { ...name, tag: tagText }
}

export function withDigest(name: NamedReference, value: Digest): NamedReference {
  return { ...name, digest: value }
}

/** Without tag and digest. */
export function trimReference(name: NamedReference): NamedReference {
  return { domain: name.domain, path: name.path }
}

/** `latest`, where there is neither tag nor digest. */
export function withTagDefault(name: NamedReference): NamedReference {
  return name.tag === undefined && name.digest === undefined ? { ...name, tag: 'latest' } : name
}
