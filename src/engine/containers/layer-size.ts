import type { Digest } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { folderSize } from '../rootfs/folder-size.ts'
import type { Container } from './container.ts'

/** What the container has written itself, and with the image's layers. */
export async function layerSize(core: Core, container: Container): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const SizeRw = await folderSize(core.roots.layer(container.id).upper).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 0
    throw error
  })
  const { chainId } = container.record
  const image = chainId === null ? 0 : chainSize(core, chainId as Digest)
  return { SizeRw, SizeRootFs: SizeRw + image }
}

function chainSize(core: Core, chainId: Digest): number {
  return core.content.layers.chain(chainId).reduce((total, layer) => total + layer.size, 0)
}
