import { goQuote, type KubeObject } from '../../schema/index.ts'
import type { AdmissionRequest } from '../contract.ts'
import { forbidden, groupResourceText } from '../errors.ts'
import type { StatusError } from '../status-error.ts'

/** One rule of admission. Mutating plugins run in order before anything is validated. */
export interface AdmissionPlugin {
  mutate?(request: AdmissionRequest): void | Promise<void>
  validate?(request: AdmissionRequest): void | Promise<void>
}

/** `pods`, `persistentvolumeclaims`, `certificatesigningrequests.certificates.k8s.io/approval`. */
export function targetOf({ resource, subresource }: AdmissionRequest): string {
  const name = groupResourceText(resource)
  return subresource === '' ? name : `${name}/${subresource}`
}

export const objectOf = (request: AdmissionRequest): KubeObject => request.object as unknown as KubeObject
export const oldObjectOf = (request: AdmissionRequest): KubeObject => request.oldObject as unknown as KubeObject

/** The refusal of a plugin, in the sentence that all of them share. */
export function refusal(request: AdmissionRequest, why: string): StatusError {
  const { resource, object } = request
  const metadata = (object as unknown as KubeObject | undefined)?.metadata
  const name = request.name || metadata?.name || metadata?.generateName || 'Unknown'
  return forbidden(`${groupResourceText(resource)} ${goQuote(name)} is forbidden: ${why}`, resource, name)
}

/** As Go joins errors: one bare, several in brackets, each once. */
export function joined(texts: readonly string[]): string {
  const unique = [...new Set(texts)]
  return unique.length === 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]`
}
