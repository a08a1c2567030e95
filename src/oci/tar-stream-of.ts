import { closeSync, constants, openSync, readSync } from 'node:fs'
import { fsPath } from './name-bytes.ts'
import { tarEnd, tarHeader, tarPadding } from './tar-writer.ts'
import type { Walked } from './tree-walk.ts'

/** small enough that many small files do not hold up the main loop for long */
const bufferSize = 256 * 1024

/**
 * Members → a tar's bytes in big pieces. Files are read straight into the piece. Each piece is good until the next one is
 * asked for, as `reuse` says; otherwise it is the taker's own.
 */
export function* tarPieces(
  members: Iterable<Walked>,
  reuse: boolean,
  onMember?: (member: Walked) => void,
): Generator<Buffer, void, void> {
  let piece = Buffer.allocUnsafe(bufferSize)
  let filled = 0
  function* flush(): Generator<Buffer, void, void> {
    if (filled > 0) yield piece.subarray(0, filled)
    filled = 0
    if (!reuse) piece = Buffer.allocUnsafe(bufferSize)
  }
  function* put(bytes: Buffer): Generator<Buffer, void, void> {
    for (let at = 0; at < bytes.length; ) {
      if (filled === piece.length) yield* flush()
      const size = bytes.copy(piece, filled, at)
      at += size
      filled += size
    }
  }
  function* content(path: string, size: number): Generator<Buffer, void, void> {
    const fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      for (let left = size; left > 0; ) {
        if (filled === piece.length) yield* flush()
        const wanted = Math.min(left, piece.length - filled)
        let read = readSync(fd, piece, filled, wanted, null)
        // The file has become shorter: the header has promised these bytes.
        if (read === 0) {
          piece.fill(0, filled, filled + wanted)
          read = wanted
        }
        filled += read
        left -= read
      }
    } finally {
      closeSync(fd)
    }
  }
  for (const member of members) {
    onMember?.(member)
    yield* put(tarHeader(member.header))
    if (member.content === undefined) continue
    yield* content(member.content, member.header.size)
    yield* put(tarPadding(member.header.size))
  }
  yield* put(tarEnd())
  yield* flush()
}
