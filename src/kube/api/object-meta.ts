import { generatedNameAlphabet, type KubeObject } from '../schema/index.ts'
import { badRequest } from './errors.ts'
import { timeText } from './managed-fields/field-manager.ts'
import { type Core, type ResourceRequest, warn } from './request-context.ts'
import type { ServedResource } from './resource.ts'

/** What the server alone may say of an object. */

export function wipeSystemFields({ metadata }: KubeObject): void {
  delete metadata.creationTimestamp
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.uid
  delete metadata.selfLink
  delete metadata.resourceVersion
}

export function fillSystemFields({ clock, random }: Core, { metadata }: KubeObject): void {
  metadata.creationTimestamp = timeText(clock.nowMs())
  metadata.uid = newUid(random)
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A random UUID (RFC 9562, version 4). */
export function newUid(random: Core['random']): string {
  const bytes = random(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  let text = ''
  for (let i = 0; i < 16; i++) {
    text += hex[bytes[i] ?? 0]
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-'
  }
  return text
}

const maxNameLength = 63
const suffixLength = 5

/** `generateName` and five characters that make no words. */
export function generateName(random: Core['random'], base: string): string {
  const start = base.slice(0, maxNameLength - suffixLength)
  return (
    start +
    Array.from(random(suffixLength), (byte) => generatedNameAlphabet.charAt(byte % generatedNameAlphabet.length)).join(
      '',
    )
  )
}

/** @throws StatusError 400 where the object says another namespace than the path */
export function placeInNamespace(resource: ServedResource, { metadata }: KubeObject, namespace: string): void {
  const expected = resource.info.namespaced ? namespace : ''
  const said = metadata.namespace ?? ''
  if (said === expected) return
  if (said === '') metadata.namespace = expected
  else if (expected === '') delete metadata.namespace
  else throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

/** @throws StatusError 400 where the object has another name than the path */
export function checkName({ metadata }: KubeObject, name: string): void {
  if (metadata.name === name) return
  if (metadata.name === undefined || metadata.name === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
}

/** Owners that are named twice count once; the client is told. */
export function dedupOwnerReferences(
  context: ResourceRequest,
  { metadata }: KubeObject,
  afterAdmission: boolean,
): void {
  const references = metadata.ownerReferences
  if (!references || references.length < 2) return
  const seen = new Map<string, (typeof references)[number][]>()
  const duplicates = new Set<string>()
  const kept = references.filter((reference) => {
    const same = seen.get(reference.uid) ?? []
    const text = JSON.stringify(reference)
    if (same.some((other) => JSON.stringify(other) === text)) {
      duplicates.add(reference.uid)
      return false
    }
    seen.set(reference.uid, [...same, reference])
    return true
  })
  if (duplicates.size === 0) return
  metadata.ownerReferences = kept
  const when = afterAdmission ? ' after mutating admission happens' : ''
  warn(context, [
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${[...duplicates].join(', ')}`,
  ])
}

/** Who writes: the name that the request gives, or the beginning of its User-Agent. */
export function managerName(fieldManager: string, userAgent: string | undefined): string {
  if (fieldManager !== '') return fieldManager
  const [product = ''] = (userAgent ?? '').split('/')
  return product.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '').slice(0, 128)
}
