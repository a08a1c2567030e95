import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, duplicate, forbidden, goQuote, invalid, required } from '../../../validation/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../validation/names.ts'
import { validateAnnotations, validateLabels } from '../../../validation/object-meta.ts'
import { validateName } from '../../../validation/rules.ts'
import { isNegativeQuantity } from '../../../value/quantity.ts'
import { validateClaimSpec } from '../claim-validation.ts'
import { validateProjected } from './projected-volume.ts'
import { sourceChecks } from './volume-sources.ts'

type Volume = Unchecked<k8s.Volume>
/** The right volumes of a pod by name; the mounts may refer to these. */
export type Volumes = ReadonlyMap<string, Volume>

const onlyOne = 'may not specify more than 1 volume type'
/** Two names that Kubernetes has got wrong for ever. */
const misspelled: Readonly<Record<string, string>> = { downwardAPI: 'downwarAPI', cephfs: 'cephFS' }

/** @param podName the pod's own name; '' in a template */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  podName: string,
  isPod: boolean,
  path: FieldPath,
  errors: FieldError[],
): Volumes {
  const right = new Map<string, Volume>()
  const made = new Set<string>()
  if (podName) for (const { name, ephemeral } of volumes ?? []) if (ephemeral) made.add(`${podName}-${name ?? ''}`)
  volumes?.forEach((volume, i) => {
    const here = at(path, i)
    const name = volume.name ?? ''
    const found = validateSource(volume, podName, isPod, here)
    if (name === '') found.push(required(child(here, 'name')))
    else found.push(...validateName(dns1123Label, name, child(here, 'name')))
    if (right.has(name)) found.push(duplicate(child(here, 'name'), name))
    if (found.length === 0) right.set(name, volume)
    else errors.push(...found)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim !== undefined && made.has(claim)) {
      errors.push(
        invalid(
          child(here, 'persistentVolumeClaim', 'claimName'),
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      )
    }
  })
  return right
}

function validateSource(volume: Volume, podName: string, isPod: boolean, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  let sources = 0
  const first = (field: string): boolean => {
    if (sources > 0) errors.push(forbidden(child(path, misspelled[field] ?? field), onlyOne))
    return sources++ === 0
  }
  const { emptyDir, projected, ephemeral } = volume
  if (emptyDir) {
    sources++
    if (emptyDir.sizeLimit !== undefined && isNegativeQuantity(emptyDir.sizeLimit)) {
      errors.push(forbidden(child(path, 'emptyDir', 'sizeLimit'), 'SizeLimit field must be a valid resource quantity'))
    }
  }
  for (const { field, name, check } of sourceChecks) {
    const source = volume[field]
    if (source === undefined) continue
    if (field === 'scaleIO' || field === 'csi' || field === 'image') continue
    if (first(field)) errors.push(...check(source as never, child(path, name ?? field)))
    if (field === 'iscsi' && volume.iscsi?.initiatorName !== undefined) {
      if (`${volume.name ?? ''}:${volume.iscsi.targetPortal ?? ''}`.length > 64) {
        errors.push(
          invalid(
            child(path, 'name'),
            volume.name ?? '',
            'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
          ),
        )
      }
    }
  }
  if (projected && first('projected')) errors.push(...validateProjected(projected, child(path, 'projected')))
  for (const { field, check } of sourceChecks) {
    const source = volume[field]
    if (source === undefined || (field !== 'scaleIO' && field !== 'csi')) continue
    if (first(field)) errors.push(...check(source as never, child(path, field)))
  }
  if (ephemeral && first('ephemeral')) errors.push(...validateEphemeral(volume, podName, path))
  if (volume.image && first('image')) {
    const here = child(path, 'image')
    if (isPod && !volume.image.reference) errors.push(required(child(here, 'reference')))
    const check = sourceChecks.find(({ field }) => field === 'image')?.check
    if (check) errors.push(...check(volume.image as never, here))
  }
  if (sources === 0) errors.push(required(path, 'must specify a volume type'))
  return errors
}

function validateEphemeral({ name = '', ephemeral }: Volume, podName: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const template = ephemeral?.volumeClaimTemplate
  const here = child(path, 'ephemeral', 'volumeClaimTemplate')
  if (!template) errors.push(required(here))
  else {
    const metadata = template.metadata ?? {}
    errors.push(...validateAnnotations(metadata.annotations, child(here, 'metadata', 'annotations')))
    errors.push(...validateLabels(metadata.labels, child(here, 'metadata', 'labels')))
    for (const field in metadata) {
      if (field !== 'annotations' && field !== 'labels' && field !== 'creationTimestamp') {
        errors.push(forbidden(child(here, 'metadata', field), 'cannot be set'))
      }
    }
    errors.push(...validateClaimSpec(template.spec ?? {}, child(here, 'spec')))
  }
  if (podName !== '' && name !== '') {
    const claim = `${podName}-${name}`
    for (const message of dns1123Subdomain(claim)) {
      errors.push(invalid(child(path, 'name'), name, `PVC name ${goQuote(claim)}: ${message}`))
    }
  }
  return errors
}
