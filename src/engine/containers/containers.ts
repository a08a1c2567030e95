import type { Containers } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { archiveOf, extractInto, statContainerPath } from './archive-container.ts'
import { attachContainer } from './attach-container.ts'
import { changesOf } from './changes-container.ts'
import { commitContainer } from './commit-container.ts'
import { containerLogs } from './container-logs.ts'
import { createContainer } from './create-container.ts'
import { exportContainer } from './export-container.ts'
import { inspectContainer } from './inspect-container.ts'
import { killContainer } from './kill-container.ts'
import { listContainers } from './list-containers.ts'
import { pauseContainer, unpauseContainer } from './pause-container.ts'
import { pruneContainers } from './prune-containers.ts'
import { removeContainer } from './remove-container.ts'
import { renameContainer } from './rename-container.ts'
import { resizeContainer } from './resize-container.ts'
import { restartContainer } from './restart-container.ts'
import { startContainer } from './start-container.ts'
import { statsContainer } from './stats-container.ts'
import { stopContainer } from './stop-container.ts'
import { topContainer } from './top-container.ts'
import { updateContainer } from './update-container.ts'
import { waitContainer } from './wait-container.ts'

/** The operations on containers, one file each. */
export function containersOf(core: Core): Containers {
  return {
    create: (request) => createContainer(core, request),
    inspect: (ref, options) => inspectContainer(core, ref, options),
    list: (options) => listContainers(core, options),
    resolve: (ref) => core.containers.get(ref).id,
    start: (ref) => startContainer(core, ref),
    stop: (ref, options) => stopContainer(core, ref, options),
    restart: (ref, options) => restartContainer(core, ref, options),
    kill: (ref, signal) => killContainer(core, ref, signal),
    pause: (ref) => pauseContainer(core, ref),
    unpause: (ref) => unpauseContainer(core, ref),
    wait: (ref, condition, signal) => waitContainer(core, ref, condition, signal),
    remove: (ref, options) => removeContainer(core, ref, options),
    rename: (ref, name) => renameContainer(core, ref, name),
    update: (ref, request) => updateContainer(core, ref, request),
    prune: (filters) => pruneContainers(core, filters),
    logs: (ref, options, signal) => containerLogs(core, ref, options, signal),
    attach: (ref, options) => attachContainer(core, ref, options),
    resize: (ref, size) => resizeContainer(core, ref, size),
    top: (ref, psArgs) => topContainer(core, ref, psArgs),
    stats: (ref, options, signal) => statsContainer(core, ref, options, signal),
    changes: (ref) => changesOf(core, ref),
    export: (ref) => exportContainer(core, ref),
    statPath: (ref, path) => statContainerPath(core, ref, path),
    getArchive: (ref, path) => archiveOf(core, ref, path),
    putArchive: (ref, path, tar, options) => extractInto(core, ref, path, tar, options),
    commit: (request) => commitContainer(core, request),
  }
}
