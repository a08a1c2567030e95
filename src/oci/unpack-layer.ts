import { createReadStream } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { decompressed } from './decompress.ts'
import { type DiffId, Digester, digestAlgorithm } from './digest.ts'
import { OciError } from './oci-error.ts'
import { TarParser } from './tar-parser.ts'
import { type MissingTarget, TreeWriter } from './tree-writer.ts'

export interface UnpackJob {
  /** the blob's file */
  readonly blob: string
  readonly diffId: DiffId
  /** an empty folder */
  readonly folder: string
}

export interface Unpacked {
  readonly size: number
  readonly entries: number
  /** folders that the tar needs but does not describe, as parts; [] is the root */
  readonly implicit: readonly (readonly string[])[]
  readonly missingTargets: readonly MissingTarget[]
}

const readSize = 256 * 1024
const sliceMilliseconds = 8

/**
 * One layer blob → one folder. The diff id is checked at the end, over every byte, also those after the tar's end mark;
 * with it the content is right however it was compressed.
 */
export async function unpackLayer(job: UnpackJob, onProgress?: (readBytes: number) => void): Promise<Unpacked> {
  const digester = new Digester(digestAlgorithm(job.diffId))
  using writer = new TreeWriter(job.folder, { overlay: true })
  const parser = new TarParser(writer)
  const source = createReadStream(job.blob, { highWaterMark: readSize })
  let sliceStart = performance.now()
  try {
    for await (const chunk of decompressed(source)) {
      digester.update(chunk)
      parser.write(chunk)
      if (performance.now() - sliceStart < sliceMilliseconds) continue
      onProgress?.(source.bytesRead)
      await setImmediate()
      sliceStart = performance.now()
    }
  } finally {
    source.destroy()
  }
  parser.finish()
  writer.finish()
  const found = digester.digest()
  if (found !== job.diffId) {
    throw new OciError('digest-mismatch', `layer's diff id is ${found}, expected ${job.diffId}`)
  }
  return {
    size: writer.size,
    entries: writer.entries,
    implicit: [...(writer.rootSeen ? [] : [[]]), ...writer.implicit.values()],
    missingTargets: writer.missingTargets,
  }
}
