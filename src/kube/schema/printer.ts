import type { Printer, ResourceInfo } from './contract.ts'
import { genericPrinter } from './generic-printer.ts'
import { rulesOf } from './kinds/index.ts'

/** The printed columns of a resource's objects (in their storage version). */
export function printerOf(resource: ResourceInfo): Printer {
  return (rulesOf(resource).printer as Printer | undefined) ?? genericPrinter
}
