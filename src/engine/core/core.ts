import type { HostFacts, Linux, Log } from '../../linux/index.ts'
import type { Content } from '../../oci/index.ts'
import type { ImageTransfer } from '../../registry/index.ts'
import type { CauseLog } from '../containers/cause-log.ts'
import type { Container } from '../containers/container.ts'
import type { ContainerStore } from '../containers/container-store.ts'
import type { Clock, EngineOptions } from '../contract.ts'
import type { EventLog } from '../events/event-log.ts'
import type { ExecStore } from '../execs/exec.ts'
import type { NetworkStore } from '../networks/network-store.ts'
import type { Sandboxes } from '../networks/sandboxes.ts'
import type { Roots } from '../rootfs/roots.ts'
import type { VolumeStore } from '../volumes/volume-store.ts'
import type { Background } from './background.ts'
import type { Folders } from './folders.ts'
import type { Mutex } from './mutex.ts'
import type { Trash } from './trash.ts'

/** What every operation of the engine works with. */
export interface Core {
  readonly options: EngineOptions
  readonly folders: Folders
  readonly log: Log
  readonly clock: Clock
  readonly linux: Linux
  readonly host: HostFacts
  readonly content: Content
  readonly transfer: ImageTransfer
  readonly events: EventLog
  readonly containers: ContainerStore
  readonly networks: NetworkStore
  /** Networks are made and removed one after the other. */
  readonly networkMutex: Mutex
  readonly sandboxes: Sandboxes
  readonly volumes: VolumeStore
  readonly volumeMutex: Mutex
  readonly execs: ExecStore
  readonly causes: CauseLog
  readonly background: Background
  readonly trash: Trash
  readonly roots: Roots
  /** Aborted when the engine closes. */
  readonly closing: AbortController
}

export function containerEvent(
  core: Core,
  container: Container,
  action: string,
  attributes: Record<string, string> = {},
): void {
  const { record } = container
  core.events.emit('container', action, record.id, {
    ...attributes,
    ...record.config.Labels,
    ...(record.config.Image && { image: record.config.Image }),
    name: record.name,
  })
}
