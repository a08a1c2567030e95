import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, duplicate, forbidden, goQuote, invalid, notSupported, required } from '../../validation/field-error.ts'
import { sameJson } from '../../validation/same-json.ts'
import { validateSignerName } from '../../validation/signer-name.ts'
import { decodeBase64 } from '../../value/base64.ts'

type Request = Unchecked<k8s.CertificateSigningRequest>

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]

const decisions = ['Approved', 'Denied', 'Failed']

export function validateRequest(request: Request): FieldError[] {
  const { spec } = request
  const errors: FieldError[] = []
  const problem = requestProblem(spec?.request)
  if (problem) errors.push(invalid('spec.request', spec?.request ?? null, problem))
  if ((spec?.usages?.length ?? 0) === 0) errors.push(required('spec.usages'))
  const seen = new Set<string>()
  spec?.usages?.forEach((usage, i) => {
    if (!usages.includes(usage)) errors.push(notSupported(at('spec.usages', i), usage, usages))
    if (seen.has(usage)) errors.push(duplicate(at('spec.usages', i), usage))
    seen.add(usage)
  })
  const signerName = spec?.signerName ?? ''
  if (signerName === 'kubernetes.io/legacy-unknown') {
    errors.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'))
  } else errors.push(...validateSignerName('spec.signerName', signerName))
  if (spec?.expirationSeconds !== undefined && spec.expirationSeconds < 600) {
    errors.push(
      invalid(
        'spec.expirationSeconds',
        spec.expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    )
  }
  errors.push(...validateConditions(request))
  return errors
}

/** PEM with one block of type CERTIFICATE REQUEST; what is in it is for the signers to judge. */
function requestProblem(text: string | undefined): string | undefined {
  const pem = text ? new TextDecoder('latin1').decode(decodeBase64(text)) : ''
  const block = /-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----/.exec(pem)
  if (block?.[1] !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  return undefined
}

function validateConditions({ status }: Request): FieldError[] {
  const path = 'status.conditions'
  const errors: FieldError[] = []
  const seen = new Set<string>()
  status?.conditions?.forEach((condition, i) => {
    const { type = '', status: value = '' } = condition
    if (type === '') errors.push(required(`${at(path, i)}.type`))
    const allowed = decisions.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    if (value === '') errors.push(required(`${at(path, i)}.status`))
    else if (!allowed.includes(value)) errors.push(notSupported(`${at(path, i)}.status`, value, allowed))
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    if (other && seen.has(other)) {
      errors.push(invalid(path, type, 'Approved and Denied conditions are mutually exclusive'))
    }
    if (seen.has(type)) errors.push(duplicate(`${at(path, i)}.type`, type))
    seen.add(type)
  })
  return errors
}

interface Allowed {
  readonly mayDecide?: boolean
  readonly maySetCertificate?: boolean
}

export function validateRequestUpdate(request: Request, old: Request, allowed: Allowed): FieldError[] {
  const errors = validateRequest(request)
  const of = (r: Request, type: string) => (r.status?.conditions ?? []).filter((condition) => condition.type === type)
  const path = 'status.conditions'
  for (const type of decisions) {
    if (of(request, type).length < of(old, type).length) {
      errors.push(forbidden(path, `updates may not remove a condition of type ${goQuote(type)}`))
    }
  }
  if (!allowed.mayDecide) {
    for (const type of ['Approved', 'Denied']) {
      const [now, before] = [of(request, type), of(old, type)]
      if (now.length > before.length) {
        errors.push(forbidden(path, `updates may not add a condition of type ${goQuote(type)}`))
      } else if (now.length === before.length && !sameJson(now, before)) {
        errors.push(forbidden(path, `updates may not modify a condition of type ${goQuote(type)}`))
      }
    }
  }
  const [certificate, before] = [request.status?.certificate ?? '', old.status?.certificate ?? '']
  if (certificate !== before) {
    if (!allowed.maySetCertificate) {
      errors.push(forbidden('status.certificate', 'updates may not set certificate content'))
    } else if (before !== '') {
      errors.push(forbidden('status.certificate', 'updates may not modify existing certificate content'))
    }
  }
  return errors
}
