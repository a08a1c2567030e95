import type { Volumes } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { createVolume, volumeShape } from './create-volume.ts'
import { listVolumes } from './list-volumes.ts'
import { pruneVolumes } from './prune-volumes.ts'
import { removeVolume } from './remove-volume.ts'

/** The operations on volumes, one file each. */
export function volumesOf(core: Core): Volumes {
  return {
    create: async (request) => volumeShape(core, await createVolume(core, request)),
    list: async (filters) => listVolumes(core, filters),
    inspect: async (name) => volumeShape(core, core.volumes.get(name)),
    remove: (name, options) => removeVolume(core, name, options),
    prune: (filters) => pruneVolumes(core, filters),
  }
}
