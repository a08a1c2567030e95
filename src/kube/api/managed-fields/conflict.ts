import { StatusError } from '../status-error.ts'
import { pathText } from './field-set.ts'
import type { Manager } from './managers.ts'

export interface Conflict {
  readonly manager: Manager
  readonly path: readonly string[]
}

/** An apply would change fields that belong to others. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError'
  readonly conflicts: readonly Conflict[]
  constructor(conflicts: readonly Conflict[]) {
    super(messageOf(conflicts))
    this.conflicts = conflicts
  }

  toStatusError(): StatusError {
    const causes = this.conflicts.map(({ manager, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${managerText(manager)}`,
      field: pathText(path),
    }))
    return new StatusError(409, 'Conflict', this.message, { causes })
  }
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [only] = conflicts
  if (conflicts.length === 1 && only)
    return `Apply failed with 1 conflict: conflict with ${managerText(only.manager)}: ${pathText(only.path)}`
  const byManager = new Map<string, string[]>()
  for (const { manager, path } of conflicts) {
    const text = managerText(manager)
    const lines = byManager.get(text) ?? []
    lines.push(`- ${pathText(path)}`)
    byManager.set(text, lines)
  }
  const blocks = [...byManager].sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = blocks.flatMap(([text, paths]) => [`conflicts with ${text}:`, ...paths])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function managerText({ name, operation, apiVersion, subresource }: Manager): string {
  const text =
    subresource === ''
      ? JSON.stringify(name)
      : `${JSON.stringify(name)} with subresource ${JSON.stringify(subresource)}`
  return operation === 'Update' ? `${text} using ${apiVersion}` : text
}
