import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { roundUp } from '../core/pod-spec-defaults.ts'
import { validateRuntimeClass, validateRuntimeClassUpdate } from './runtime-class-validation.ts'

export const runtimeClass = defineKind<k8s.RuntimeClass>({
  validate: validateRuntimeClass,
  validateUpdate: validateRuntimeClassUpdate,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  defaults: (runtimeClass) => roundUp(runtimeClass.overhead?.podFixed),
  printer: {
    columns: [nameColumn, column('Handler', 'What the node runs the pods with.'), ageColumn],
    cells: (runtimeClass, nowMs) => [nameOf(runtimeClass), runtimeClass.handler ?? '', ageCell(runtimeClass, nowMs)],
  },
})
