import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateAttributes, validateAttributesUpdate } from './storage-validation.ts'

export const volumeAttributesClass = defineKind<k8s.VolumeAttributesClass>({
  validate: validateAttributes,
  validateUpdate: validateAttributesUpdate,
  printer: {
    columns: [nameColumn, column('DriverName', 'The driver that understands it.'), ageColumn],
    cells: (attributes, nowMs) => [nameOf(attributes), attributes.driverName ?? '', ageCell(attributes, nowMs)],
  },
})
