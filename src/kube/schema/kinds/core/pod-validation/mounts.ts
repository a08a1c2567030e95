import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, forbidden, invalid, notFound, notSupported, required } from '../../../validation/field-error.ts'
import { validateLocalPath, validateNoBacksteps } from './paths.ts'
import type { Volumes } from './volumes.ts'

type Container = Unchecked<k8s.Container>
type Mount = Unchecked<k8s.VolumeMount>

export function validateMounts(container: Container, volumes: Volumes, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const devices = container.volumeDevices ?? []
  const points = new Set<string>()
  container.volumeMounts?.forEach((mount, i) => {
    const here = at(path, i)
    const { name = '', mountPath = '', subPath, subPathExpr } = mount
    if (name === '') errors.push(required(child(here, 'name')))
    if (!volumes.has(name)) errors.push(notFound(child(here, 'name'), name))
    if (mountPath === '') errors.push(required(child(here, 'mountPath')))
    if (points.has(mountPath)) errors.push(invalid(child(here, 'mountPath'), mountPath, 'must be unique'))
    points.add(mountPath)
    if (devices.some((device) => device.name === name)) {
      errors.push(invalid(child(here, 'name'), name, 'must not already exist in volumeDevices'))
    }
    if (devices.some((device) => device.devicePath === mountPath)) {
      errors.push(invalid(child(here, 'mountPath'), mountPath, 'must not already exist as a path in volumeDevices'))
    }
    // the paths of these stand at the list itself, as Kubernetes has them
    if (subPath) errors.push(...validateLocalPath(subPath, child(path, 'subPath')))
    if (subPathExpr) {
      if (subPath) {
        const sentence = 'subPathExpr and subPath are mutually exclusive'
        errors.push(invalid(child(here, 'subPathExpr'), subPathExpr, sentence))
      }
      errors.push(...validateLocalPath(subPathExpr, child(path, 'subPathExpr')))
    }
    errors.push(...validatePropagation(mount, container, child(path, 'mountPropagation')))
    errors.push(...validateRecursiveReadOnly(mount, child(path, 'recursiveReadOnly')))
  })
  return errors
}

function validatePropagation({ mountPropagation }: Mount, container: Container, path: FieldPath): FieldError[] {
  if (mountPropagation === undefined) return []
  const modes = ['Bidirectional', 'HostToContainer', 'None']
  const errors = modes.includes(mountPropagation) ? [] : [notSupported(path, mountPropagation, modes)]
  if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) {
    errors.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'))
  }
  return errors
}

function validateRecursiveReadOnly(mount: Mount, path: FieldPath): FieldError[] {
  const mode = mount.recursiveReadOnly
  if (mode === undefined || mode === 'Disabled') return []
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    return [notSupported(path, mode, ['Disabled', 'Enabled', 'IfPossible'])]
  }
  const errors: FieldError[] = []
  if (!mount.readOnly) errors.push(forbidden(path, 'may only be specified when readOnly is true'))
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
    errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'))
  }
  return errors
}

export function validateDevices(container: Container, volumes: Volumes, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const mounts = container.volumeMounts ?? []
  const names = new Set<string>()
  const paths = new Set<string>()
  container.volumeDevices?.forEach(({ name = '', devicePath = '' }, i) => {
    const here = at(path, i)
    const volume = volumes.get(name)
    if (name === '') errors.push(required(child(here, 'name')))
    if (names.has(name)) errors.push(invalid(child(here, 'name'), name, 'must be unique'))
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const sentence = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      errors.push(invalid(child(here, 'name'), name, sentence))
    }
    if (!volume) errors.push(notFound(child(here, 'name'), name))
    if (devicePath === '') errors.push(required(child(here, 'devicePath')))
    if (paths.has(devicePath)) errors.push(invalid(child(here, 'devicePath'), devicePath, 'must be unique'))
    if (validateNoBacksteps(devicePath, path).length > 0) {
      errors.push(invalid(child(here, 'devicePath'), devicePath, "can not contain backsteps ('..')"))
    } else paths.add(devicePath)
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(invalid(child(here, 'name'), name, 'must not already exist in volumeMounts'))
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      errors.push(invalid(child(here, 'devicePath'), devicePath, 'must not already exist as a path in volumeMounts'))
    }
    if (name !== '') names.add(name)
  })
  return errors
}
