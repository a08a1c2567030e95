import type * as k8s from '../../generated/types.ts'
import { genericPrinter } from '../../generic-printer.ts'
import { defineKind, type PrinterOf } from '../../rules.ts'
import { pathSegmentName } from '../../validation/names.ts'
import { validateClusterRole, validateRole } from './rbac-validation.ts'

export const role = defineKind<k8s.Role>({
  validate: validateRole,
  name: pathSegmentName,
  allowCreateOnUpdate: true,
  printer: genericPrinter as PrinterOf<k8s.Role>,
})
export const clusterRole = defineKind<k8s.ClusterRole>({
  validate: validateClusterRole,
  name: pathSegmentName,
  allowCreateOnUpdate: true,
  printer: genericPrinter as PrinterOf<k8s.ClusterRole>,
})
