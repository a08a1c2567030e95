import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, forbidden, invalid, required, tooLong } from '../../validation/field-error.ts'
import { byteLength, configMapKey } from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateName } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { base64Length, decodeBase64 } from '../../value/base64.ts'

type ConfigMap = Unchecked<k8s.ConfigMap>
type Secret = Unchecked<k8s.Secret>

const mostBytes = 1024 * 1024

export function validateConfigMap({ data, binaryData }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, value = ''] of Object.entries(data ?? {})) {
    errors.push(...validateName(configMapKey, key, at('data', key)))
    if (binaryData?.[key] !== undefined) {
      errors.push(invalid(at('data', key), key, 'duplicate of key present in binaryData'))
    }
    bytes += byteLength(value)
  }
  for (const [key, value = ''] of Object.entries(binaryData ?? {})) {
    errors.push(...validateName(configMapKey, key, at('binaryData', key)))
    bytes += base64Length(value)
  }
  // Kubernetes gives this one an empty path, which is printed as nothing
  if (bytes > mostBytes) errors.push({ ...tooLong('', mostBytes), field: '[]' })
  return errors
}

const immutable = 'field is immutable when `immutable` is set'

export function validateConfigMapUpdate(map: ConfigMap, old: ConfigMap): FieldError[] {
  return [...validateStillImmutable(map, old, ['data', 'binaryData']), ...validateConfigMap(map)]
}

type Data = ConfigMap & Secret

function validateStillImmutable(now: Data, old: Data, fields: readonly ('data' | 'binaryData')[]): FieldError[] {
  if (!old.immutable) return []
  const errors = now.immutable ? [] : [forbidden('immutable', immutable)]
  for (const field of fields) if (!sameJson(now[field], old[field])) errors.push(forbidden(field, immutable))
  return errors
}

export function validateSecret({ data, type = '', metadata }: Secret): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, value = ''] of Object.entries(data ?? {})) {
    errors.push(...validateName(configMapKey, key, at('data', key)))
    bytes += base64Length(value)
  }
  if (bytes > mostBytes) errors.push(tooLong('data', mostBytes))
  const lacks = (key: string) => (data?.[key] === undefined ? [required(at('data', key))] : [])
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name'
      if (!metadata?.annotations?.[key]) errors.push(required(at('metadata.annotations', key)))
      break
    }
    case 'kubernetes.io/dockercfg':
      errors.push(...lacks('.dockercfg'), ...validateJson(data, '.dockercfg'))
      break
    case 'kubernetes.io/dockerconfigjson':
      errors.push(...lacks('.dockerconfigjson'), ...validateJson(data, '.dockerconfigjson'))
      break
    case 'kubernetes.io/basic-auth':
      if (data?.username === undefined && data?.password === undefined) {
        errors.push(...lacks('username'), ...lacks('password'))
      }
      break
    case 'kubernetes.io/ssh-auth':
      if (!data?.['ssh-privatekey']) errors.push(required(at('data', 'ssh-privatekey')))
      break
    case 'kubernetes.io/tls':
      errors.push(...lacks('tls.crt'), ...lacks('tls.key'))
      break
  }
  return errors
}

/** A key that must hold a JSON object; what is in it is not shown. */
function validateJson(data: Secret['data'], key: string): FieldError[] {
  const value = data?.[key]
  if (value === undefined) return []
  const text = new TextDecoder().decode(decodeBase64(value))
  const problem = jsonProblem(text)
  return problem ? [invalid(at('data', key), '<secret contents redacted>', problem)] : []
}

/** What is wrong with a JSON object, in the words of Go's reader. */
function jsonProblem(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && !Array.isArray(value)) return undefined
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
  } catch {
    const first = /^\s*(\S)/.exec(text)?.[1]
    if (first === undefined || /^\s*[{["][^}\]"]*$/.test(text)) return 'unexpected end of JSON input'
    return `invalid character '${first}' looking for beginning of value`
  }
}

export const validateSecretUpdate = (secret: Secret, old: Secret): FieldError[] => [
  ...validateImmutable(secret.type, old.type, 'type'),
  ...validateStillImmutable(secret, old, ['data']),
  ...validateSecret(secret),
]
