import { ageCell, nameOf } from './cells.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { PrinterOf } from './rules.ts'

/** NAME and AGE, for the kinds that show no more. */
export function nameAgePrinter<T>(): PrinterOf<T> {
  return {
    columns: [nameColumn, ageColumn],
    cells: (object, nowMs) => [nameOf(object as Parameters<typeof nameOf>[0]), ageCell(object as object, nowMs)],
  }
}
