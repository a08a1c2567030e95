import { setImmediate } from 'node:timers/promises'
import { decompressed } from './decompress.ts'
import { pathParts, RootedFolders } from './rooted-folders.ts'
import { TarParser } from './tar-parser.ts'
import type { Extracted, ExtractOptions } from './tree.ts'
import { TreeWriter } from './tree-writer.ts'

const sliceMilliseconds = 8

/**
 * A tar (plain or compressed) → a folder; whatever its names and links say, nothing is written outside the root.
 * @throws OciError unsafe-path, corrupt, unsupported, conflict (noOverwriteDirNonDir), no-space
 */
export async function extractTree(
  root: string,
  tar: AsyncIterable<Uint8Array>,
  options: ExtractOptions = {},
): Promise<Extracted> {
  const { path = '/', ...rest } = options
  using writer = new TreeWriter(root, rest, pathParts(path))
  const parser = new TarParser(writer)
  let sliceStart = performance.now()
  for await (const chunk of decompressed(tar)) {
    parser.write(chunk)
    if (performance.now() - sliceStart < sliceMilliseconds) continue
    await setImmediate()
    sliceStart = performance.now()
  }
  parser.finish()
  writer.finish()
  return { entries: writer.entries, size: writer.size }
}

/**
 * A path as a process whose root this is would resolve it: links followed inside the root, the last part too unless
 * `followLast` is false (it need not exist). The answer is a name at this moment, not a hold on it.
 */
export async function resolveInRoot(
  root: string,
  path: string,
  options: { readonly followLast?: boolean } = {},
): Promise<string> {
  using folders = new RootedFolders(root)
  return [root, ...folders.resolve(pathParts(path), options.followLast !== false)].join('/')
}
