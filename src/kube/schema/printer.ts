import { ageColumn, nameColumn } from './columns.ts'
import type { Cell, KubeObject, Printer, ResourceInfo } from './contract.ts'
import { rulesOf } from './kinds/index.ts'
import { ageOf } from './value/duration.ts'

const fallback: Printer = {
  columns: [nameColumn, ageColumn],
  cells: (object: KubeObject, nowMs: number): Cell[] => [
    object.metadata.name ?? '',
    ageOf(object.metadata.creationTimestamp, nowMs),
  ],
}

/** What is printed of a kind that no printer knows: custom resources without columns, reviews, Status. */
export const genericPrinter: Printer = {
  columns: [
    nameColumn,
    { name: 'Created At', type: 'date', format: '', description: 'When the object was created.', priority: 0 },
  ],
  cells: (object: KubeObject): Cell[] => [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null],
}

/** The printed columns of a resource's objects (in their storage version). */
export function printerOf(resource: ResourceInfo): Printer {
  const printer = rulesOf(resource).printer
  if (printer) return printer as Printer
  return resource.verbs.includes('list') ? fallback : genericPrinter
}
