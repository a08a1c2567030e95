import type { Execs } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { createExec } from './create-exec.ts'
import { inspectExec, resizeExec } from './inspect-exec.ts'
import { startExec } from './start-exec.ts'

/** The operations on execs, one file each. */
export function execsOf(core: Core): Execs {
  return {
    create: (ref, config) => createExec(core, ref, config),
    start: (id, options) => startExec(core, id, options),
    inspect: (id) => inspectExec(core, id),
    resize: (id, size) => resizeExec(core, id, size),
  }
}
