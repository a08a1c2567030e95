import { join } from 'node:path'
import type { Core } from '../core/core.ts'
import type { Container } from './container.ts'

/** null with `--log-driver none`. */
export function logPath(core: Core, container: Container): string | null {
  if (container.record.hostConfig.LogConfig?.Type === 'none') return null
  return join(core.folders.containers, container.id, `${container.id}-json.log`)
}
