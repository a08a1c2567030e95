import type { Readable } from 'node:stream'
import { packTree } from '../../oci/index.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { conflict } from '../engine-error.ts'

/** `docker export`: the root file system, without what is mounted in it. */
export async function exportContainer(core: Core, ref: string): Promise<Readable> {
  const container = core.containers.get(ref)
  if (container.record.state.status === 'dead') {
    throw conflict(`You cannot export container ${container.id} which is Dead`)
  }
  if (container.removing) {
    throw conflict(`You cannot export container ${container.id} which is being removed`)
  }
  const root = core.roots.hold(container)
  const tar = packTree(root.path, { rename: '' })
  tar.once('close', () => root[Symbol.dispose]())
  containerEvent(core, container, 'export')
  return tar
}
