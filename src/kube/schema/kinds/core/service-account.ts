import type * as k8s from '../../generated/types.ts'
import { nameAgePrinter } from '../../name-age-printer.ts'
import { defineKind } from '../../rules.ts'

export const serviceAccount = defineKind<k8s.ServiceAccount>({ printer: nameAgePrinter() })
