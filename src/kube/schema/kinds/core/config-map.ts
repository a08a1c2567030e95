import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateConfigMap, validateConfigMapUpdate } from './data-validation.ts'

export const configMap = defineKind<k8s.ConfigMap>({
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  printer: {
    columns: [nameColumn, column('Data', 'How many keys there are.'), ageColumn],
    cells: (map, nowMs) => [
      nameOf(map),
      Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length,
      ageCell(map, nowMs),
    ],
  },
})
