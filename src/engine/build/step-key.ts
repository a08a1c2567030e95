import { createHash } from 'node:crypto'
import type { CopyOperation, RunOperation, Step, WorkdirOperation } from './operation.ts'
import type { StepImage } from './step-image.ts'

function keyOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/**
 * Keys of what a step does to the file system. They know the content below (its chain id), not how it came about: a
 * change of a label, or a step that comes to the same files again, reaches no further.
 */
export function runKey(operation: RunOperation, parent: StepImage, sources: readonly string[]): string {
  return keyOf([
    'run',
    parent.chainId ?? 'scratch',
    operation.args,
    operation.env,
    operation.user,
    operation.cwd,
    operation.mounts,
    operation.network,
    operation.script ?? null,
    sources,
  ])
}

export function copyKey(operation: CopyOperation, parent: StepImage, hash: string): string {
  const { destination, chown, chmod, exclude, unpack, command, parents, link } = operation
  return keyOf([
    'copy',
    // --link: what lies beneath is of no account, unless names of owners are looked up in it
    link && !/[a-z]/i.test(chown) ? 'link' : (parent.chainId ?? 'scratch'),
    hash,
    destination,
    chown,
    chmod,
    exclude,
    unpack ?? command,
    parents,
  ])
}

export function workdirKey(operation: WorkdirOperation, parent: StepImage): string {
  return keyOf(['workdir', parent.chainId ?? 'scratch', operation.path, operation.user])
}

/** A step that changes the configuration only: the same parent, to the byte, and the same words. */
export function configurationKey(step: Step, parent: StepImage): string {
  return keyOf(['configuration', parent.id, step.createdBy(''), step.author ?? '', step.config])
}
