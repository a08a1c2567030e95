import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { diskError } from './blob-ingest.ts'
import { type DiffId, Digester } from './digest.ts'
import { lookupInLayers } from './layer-lookup.ts'
import { tarPieces } from './tar-stream-of.ts'
import { walkTree } from './tree-walk.ts'

export interface PackJob {
  readonly upperdir: string
  /** the layers beneath, top first */
  readonly lower: readonly string[]
  /** where the tar goes */
  readonly tar: string
}

export interface Packed {
  readonly diffId: DiffId
  /** of the tar, bytes */
  readonly tarSize: number
  /** as Layer.size */
  readonly size: number
  readonly entries: number
}

/** An overlay's upper folder → the tar of its layer, hashed as it is written. */
export async function packLayer({ upperdir, lower, tar }: PackJob, signal?: AbortSignal): Promise<Packed> {
  const digester = new Digester()
  let size = 0
  let entries = 0
  // Overlay marks every new folder opaque; the mark tells something only where there is a folder beneath.
  const members = walkTree(upperdir, {
    whiteouts: true,
    hides: (parts) => lookupInLayers(lower, parts)?.stats.isDirectory() ?? false,
  })
  const fd = openSync(tar, 'wx')
  try {
    for (const piece of tarPieces(members, true, (member) => {
      size += member.added
      if (member.header.name !== './') entries++
    })) {
      digester.update(piece)
      for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at)
      await setImmediate()
      signal?.throwIfAborted()
    }
    fchmodSync(fd, 0o644)
  } catch (error) {
    throw diskError(error, tar)
  } finally {
    closeSync(fd)
  }
  return { tarSize: digester.size, diffId: digester.digest(), size, entries }
}
