import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, forbidden, invalid, notSupported, required } from '../../../validation/field-error.ts'
import { validateLabelSelector } from '../../../validation/label-selector.ts'
import { dns1123Subdomain } from '../../../validation/names.ts'
import { validateSignerName } from '../../../validation/signer-name.ts'
import { internalForm } from '../../../validation/spec-diff.ts'
import { validateFileMode, validateLocalUnreservedPath } from './paths.ts'
import { validateDownwardFile, validateKeyToPath } from './volume-sources.ts'

type Projection = Unchecked<k8s.VolumeProjection>

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']
const conflicting = 'conflicting duplicate paths'

/** Several sources in one volume: no two may write the same file. */
export function validateProjected(source: Unchecked<k8s.ProjectedVolumeSource>, path: FieldPath): FieldError[] {
  const errors = validateFileMode(source.defaultMode, child(path, 'defaultMode'))
  const paths = new Set<string>()
  const claim = (target: string | undefined, shown: string | undefined = target): void => {
    if (!target) return
    if (paths.has(target)) errors.push(invalid(path, shown ?? '', conflicting))
    paths.add(target)
  }
  source.sources?.forEach((projection, i) => {
    const here = at(child(path, 'sources'), i)
    let count = 0
    for (const field of ['secret', 'configMap'] as const) {
      const from = projection[field]
      if (!from) continue
      count++
      if (!from.name) errors.push(required(child(here, field, 'name')))
      from.items?.forEach((item, j) => {
        errors.push(...validateKeyToPath(item, at(child(here, field, 'items'), j)))
        claim(item.path, from.name)
      })
    }
    if (projection.downwardAPI) {
      count++
      for (const file of projection.downwardAPI.items ?? []) {
        errors.push(...validateDownwardFile(file, child(here, 'downwardAPI')))
        claim(file.path)
      }
    }
    if (projection.serviceAccountToken) {
      count++
      errors.push(...validateToken(projection, path, child(here, 'serviceAccountToken')))
    }
    if (projection.clusterTrustBundle) {
      count++
      errors.push(...validateTrustBundle(projection, child(here, 'clusterTrustBundle')))
      claim(projection.clusterTrustBundle.path)
    }
    if (projection.podCertificate) {
      count++
      errors.push(...validateCertificate(projection, child(here, 'podCertificate')))
      const { credentialBundlePath, keyPath, certificateChainPath } = projection.podCertificate
      for (const target of [credentialBundlePath, keyPath, certificateChainPath]) claim(target)
    }
    if (count > 1) errors.push(forbidden(here, 'may not specify more than 1 volume type per source'))
  })
  return errors
}

function validateToken({ serviceAccountToken: token }: Projection, volume: FieldPath, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seconds = token?.expirationSeconds ?? 0
  const expiration = child(path, 'expirationSeconds')
  if (seconds < 600) errors.push(invalid(expiration, seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > 2 ** 32) {
    errors.push(invalid(expiration, seconds, 'may not specify a duration larger than 2^32 seconds'))
  }
  if (!token?.path) errors.push(required(child(volume, 'path')))
  else errors.push(...validateLocalUnreservedPath(token.path, child(volume, 'path')))
  return errors
}

function validateTrustBundle({ clusterTrustBundle: bundle }: Projection, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!bundle) return errors
  if (bundle.name !== undefined && bundle.signerName !== undefined) {
    errors.push(
      invalid(
        path,
        internalForm('ClusterTrustBundleProjection', bundle),
        'only one of name and signerName may be used',
      ),
    )
  } else if (bundle.name !== undefined) {
    if (bundle.name === '') errors.push(required(child(path, 'name'), 'must be a valid object name'))
    const plain = bundle.name.slice(bundle.name.lastIndexOf(':') + 1)
    for (const message of dns1123Subdomain(plain)) {
      errors.push(invalid(child(path, 'name'), bundle.name, `not a valid clustertrustbundlename: ${message}`))
    }
    if (bundle.labelSelector) {
      errors.push(
        invalid(child(path, 'labelSelector'), bundle.labelSelector, 'labelSelector must be unset if name is specified'),
      )
    }
  } else if (bundle.signerName !== undefined) {
    if (bundle.signerName === '') errors.push(required(child(path, 'signerName'), 'must be a valid signer name'))
    errors.push(...validateSignerName(child(path, 'signerName'), bundle.signerName))
    errors.push(...validateLabelSelector(bundle.labelSelector, child(path, 'labelSelector')))
  } else errors.push(required(path, 'either name or signerName must be specified'))
  if (!bundle.path) errors.push(required(child(path, 'path')))
  errors.push(...validateLocalUnreservedPath(bundle.path ?? '', child(path, 'path')))
  return errors
}

function validateCertificate({ podCertificate: wanted }: Projection, path: FieldPath): FieldError[] {
  if (!wanted) return []
  const errors = validateSignerName(child(path, 'signerName'), wanted.signerName ?? '')
  const keyType = wanted.keyType ?? ''
  if (!keyTypes.includes(keyType)) errors.push(notSupported(child(path, 'keyType'), keyType, keyTypes))
  const seconds = wanted.maxExpirationSeconds
  if (seconds !== undefined) {
    const here = child(path, 'maxExpirationSeconds')
    const most = wanted.signerName?.startsWith('kubernetes.io/') ? 86400 : 7862400
    if (seconds < 3600) errors.push(invalid(here, seconds, 'if provided, maxExpirationSeconds must be >= 3600'))
    if (seconds > most) errors.push(invalid(here, seconds, `if provided, maxExpirationSeconds must be <= ${most}`))
  }
  let paths = 0
  for (const field of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const) {
    const target = wanted[field]
    if (!target) continue
    paths++
    errors.push(...validateLocalUnreservedPath(target, child(path, field)))
  }
  if (paths === 0) {
    errors.push(required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
  }
  return errors
}
