export type TarEntryType = 'file' | 'hardlink' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo'

/** One member of a tar, whatever dialect (ustar, GNU, PAX, star, old V7) told it. */
export interface TarHeader {
  readonly name: string
  readonly type: TarEntryType
  /** permission, setuid, setgid and sticky bits */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly uname?: string
  readonly gname?: string
  /** bytes of content; for a sparse file its full length, holes included */
  readonly size: number
  /** seconds, with a fraction where the tar has one */
  readonly mtimeSeconds: number
  readonly atimeSeconds?: number
  readonly ctimeSeconds?: number
  /** target of a hard link or a symbolic link */
  readonly linkname?: string
  readonly devmajor?: number
  readonly devminor?: number
  /** values byte for byte: file capabilities hold any byte */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>
  /** parts of the file that are there, for a sparse file; the rest reads as zeros */
  readonly sparse?: readonly { readonly offset: number; readonly size: number }[]
}

export interface TarEntry {
  readonly header: TarHeader
  /**
   * The content. Of a sparse file only the parts that are there, one after the other. Once through, before the next
   * entry is asked for; what is not read is skipped.
   */
  readonly body: AsyncIterable<Uint8Array>
}
