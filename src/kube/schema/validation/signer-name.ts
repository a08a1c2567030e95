import type { FieldError, FieldPath } from '../contract.ts'
import { goQuote, invalid, required, tooLong } from './field-error.ts'
import { dns1123Label, dns1123Subdomain } from './names.ts'

/** `domain.example/name`, as signers are called. */
export function validateSignerName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [required(path)]
  const segments = name.split('/')
  const [domain = '', rest = ''] = segments
  if (segments.length !== 2) {
    return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  }
  const errors: FieldError[] = []
  if (domain.length > 253) errors.push(tooLong(path, 253))
  const labels = domain.split('.')
  errors.push(...firstWrong(labels, dns1123Label, domain, path))
  if (labels.length < 2) {
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'))
  }
  errors.push(...firstWrong(rest.split('.'), dns1123Subdomain, rest, path))
  if (name.length > 571) errors.push(tooLong(path, 571))
  return errors
}

/** Only the first label that is wrong is reported. */
function firstWrong(
  labels: readonly string[],
  rule: (label: string) => string[],
  value: string,
  path: FieldPath,
): FieldError[] {
  for (const label of labels) {
    const messages = rule(label)
    if (messages.length === 0) continue
    return messages.map((message) => invalid(path, value, `validating label ${goQuote(label)}: ${message}`))
  }
  return []
}
