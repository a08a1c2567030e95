import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { tarPieces } from './tar-stream-of.ts'
import type { PackTreeOptions } from './tree.ts'
import { walkTree } from './tree-walk.ts'

/**
 * A folder (a merged root, a context) → tar, names in byte order, folders before what is in them. Never leaves the root:
 * links on the way to `path` are followed inside it. An error (ENOENT for a path that is not there) ends the stream.
 */
export function packTree(root: string, options: PackTreeOptions = {}): Readable {
  return Readable.from(pieces(root, options), { objectMode: false, highWaterMark: 1 })
}

async function* pieces(root: string, options: PackTreeOptions): AsyncGenerator<Buffer, void, void> {
  for (const piece of tarPieces(walkTree(root, options), false)) {
    yield piece
    await setImmediate()
  }
}
