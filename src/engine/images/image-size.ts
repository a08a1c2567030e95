import type { Image } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'

/** Bytes of all its layers, unpacked. */
export function imageSize(core: Core, image: Image): number {
  if (image.chainId === undefined) return 0
  return core.content.layers.chain(image.chainId).reduce((total, layer) => total + layer.size, 0)
}
