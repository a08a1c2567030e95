import type { FieldError, FieldPath } from '../contract.ts'
import { at, child, invalid, required } from './field-error.ts'
import { dns1035Label, dns1123Subdomain, portNumber } from './names.ts'
import { validateName } from './rules.ts'

interface Client {
  readonly url?: string | undefined
  readonly service?:
    | {
        readonly name?: string | undefined
        readonly namespace?: string | undefined
        readonly path?: string | undefined
        readonly port?: number | undefined
      }
    | undefined
}

/** Where a webhook is: a URL, or a service of the cluster. */
export function validateWebhookClient({ url, service }: Client, path: FieldPath): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')]
  }
  return url === undefined ? validateService(service, child(path, 'service')) : validateUrl(url, child(path, 'url'))
}

const form = '; desired format: https://host[/path]'

function validateUrl(text: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const [, scheme = '', rest = ''] = /^(?:([A-Za-z][-+.A-Za-z0-9]*):)?(.*)$/s.exec(text) ?? []
  const [beforeFragment = '', fragment = ''] = rest.split('#', 2)
  const [beforeQuery = '', query = ''] = beforeFragment.split('?', 2)
  const authority = beforeQuery.startsWith('//') ? (beforeQuery.slice(2).split('/')[0] ?? '') : ''
  const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (scheme.toLowerCase() !== 'https') {
    errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`))
  }
  if (host === '') errors.push(invalid(path, host, `host must be specified${form}`))
  if (authority.includes('@')) errors.push(invalid(path, user, 'user information is not permitted in the URL'))
  if (fragment !== '') errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'))
  if (query !== '') errors.push(invalid(path, query, 'query parameters are not permitted in the URL'))
  return errors
}

function validateService(service: Client['service'], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { name = '', namespace = '', path: target = '', port = 0 } = service ?? {}
  // Kubernetes mixes the two up, and a client that looks for its sentence does not care
  if (namespace === '') errors.push(required(child(path, 'name')))
  if (name === '') errors.push(required(child(path, 'namespace')))
  const wrong = portNumber(port)
  if (wrong.length > 0) errors.push(invalid(child(path, 'port'), port, `port is not valid: ${wrong.join(', ')}`))
  if (target === '' || target === '/') return errors
  const here = child(path, 'path')
  if (target === '//') return [...errors, invalid(here, target, 'segment[0] may not be empty')]
  if (!target.startsWith('/')) errors.push(invalid(here, target, "must start with a '/'"))
  const steps = target.slice(1).replace(/\/$/, '').split('/')
  steps.forEach((step, i) => {
    if (step === '') errors.push(invalid(here, target, `segment[${i}] may not be empty`))
    else for (const problem of dns1123Subdomain(step)) errors.push(invalid(here, target, `segment[${i}]: ${problem}`))
  })
  return errors
}

/** Versions of the reviews that a webhook understands, one of which must be ours. */
export function validateReviewVersions(
  versions: readonly string[] | null | undefined,
  path: FieldPath,
  detail: string,
): FieldError[] {
  if (!versions || versions.length === 0) return [required(path, detail)]
  const errors: FieldError[] = []
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) errors.push(invalid(at(path, i), version, 'duplicate version'))
    else errors.push(...validateName(dns1035Label, version, at(path, i)))
  })
  if (!versions.includes('v1') && !versions.includes('v1beta1')) {
    errors.push(invalid(path, versions, 'must include at least one of v1, v1beta1'))
  }
  return errors
}
