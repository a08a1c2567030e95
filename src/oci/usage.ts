import type { Content, ContentUsage, ImageUsage } from './content.ts'
import { type ChainId, chainIds } from './digest.ts'

/** A layer counts once in the whole, and as shared for each image when two have it. */
export async function contentUsage({ blobs, images, layers }: Content): Promise<ContentUsage> {
  const users = new Map<ChainId, number>()
  const list = images.list().map((image) => ({ id: image.id, chain: chainIds(image.diffIds) }))
  for (const { chain } of list) for (const chainId of chain) users.set(chainId, (users.get(chainId) ?? 0) + 1)
  const sizeOf = (chainId: ChainId): number => layers.get(chainId)?.size ?? 0
  const usages = list.map(({ id, chain }): ImageUsage => {
    const shared = chain.filter((chainId) => (users.get(chainId) ?? 0) > 1)
    return { id, size: sum(chain.map(sizeOf)), sharedSize: sum(shared.map(sizeOf)) }
  })
  let blobsSize = 0
  for await (const { size } of blobs.list()) blobsSize += size
  return { images: usages, layersSize: sum(layers.list().map((layer) => layer.size)), blobsSize }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
