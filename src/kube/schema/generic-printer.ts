import { nameColumn } from './columns.ts'
import type { Cell, KubeObject, Printer } from './contract.ts'

/** What is printed of a kind that no printer knows: roles, limit ranges, custom resources without columns. */
export const genericPrinter: Printer = {
  columns: [
    nameColumn,
    { name: 'Created At', type: 'date', format: '', description: 'When the object was created.', priority: 0 },
  ],
  cells: (object: KubeObject): Cell[] => [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null],
}
