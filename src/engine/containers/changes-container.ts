import { changes } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'

/** `docker diff`. */
export async function changesOf(core: Core, ref: string): Promise<{ Path: string; Kind: 0 | 1 | 2 }[]> {
  const container = core.containers.get(ref)
  const list = await changes(core.roots.layer(container.id).upper, core.roots.lowerdirs(container))
  return list.map(({ path, kind }) => ({ Path: path, Kind: kind }))
}
