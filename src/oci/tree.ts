import type { TarHeader } from './tar-entry.ts'

export interface PackTreeOptions {
  /** path inside the root, '/' by default; parents are resolved inside the root */
  readonly path?: string
  /** name that `path` has in the tar (docker cp); its base name by default; '' puts a folder's content at the top */
  readonly rename?: string
  /** look at each member: undefined leaves it out (with all beneath) */
  readonly filter?: (header: TarHeader) => TarHeader | undefined
  /** overlay's whiteouts and opaque folders become `.wh.` members; otherwise they are plain nodes */
  readonly whiteouts?: boolean
}

export interface ExtractOptions {
  /** folder inside the root to put it in, '/' by default; symbolic links in it are followed inside the root */
  readonly path?: string
  /** owner for every member; the tar's by default */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** permission bits for every member (COPY --chmod) */
  readonly mode?: number
  /** a file may not take a folder's place nor the other way round (docker cp) */
  readonly noOverwriteDirNonDir?: boolean
  /** change, rename or leave out (undefined) a member before it is written */
  readonly map?: (header: TarHeader) => TarHeader | undefined
  /** times of the members are kept unless false */
  readonly keepTimes?: boolean
}

export interface Extracted {
  readonly entries: number
  /** bytes */
  readonly size: number
}
