import type { TerminalSize } from '../../linux/index.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { notRunning } from './kill-container.ts'

export async function resizeContainer(core: Core, ref: string, size: TerminalSize): Promise<void> {
  const container = core.containers.get(ref)
  if (!container.alive) throw notRunning(container)
  await core.linux.containers.resize(container.id, size)
  containerEvent(core, container, 'resize', { height: String(size.rows), width: String(size.columns) })
}
