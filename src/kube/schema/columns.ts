import type { ColumnDefinition } from './contract.ts'

const age = 'How long ago the object was created.'
const name = 'Name of the object, unique in its namespace.'

/** NAME, as every kind has it. */
export const nameColumn: ColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: name,
  priority: 0,
}

/** AGE, as a duration that the server works out. */
export const ageColumn: ColumnDefinition = { name: 'Age', type: 'string', format: '', description: age, priority: 0 }

/** A column that `kubectl get` shows; with priority 1 only `-o wide` does. */
export function column(
  title: string,
  description: string,
  priority = 0,
  type: ColumnDefinition['type'] = 'string',
): ColumnDefinition {
  return { name: title, type, format: '', description, priority }
}
