import type { Buffer } from 'node:buffer'

const block = 512
const field = (header: Buffer, at: number, length: number) =>
  header
    .subarray(at, at + length)
    .toString('latin1')
    .replace(/\0.*$/s, '')
    .trim()

/** The text of the first regular file of a small tar, an empty string where there is only a folder. */
export function readTextFromArchive(tar: Buffer): string {
  for (let at = 0; at + block <= tar.length; ) {
    const header = tar.subarray(at, at + block)
    if (header.every((byte) => byte === 0)) break
    const size = Number.parseInt(field(header, 124, 12) || '0', 8)
    const kind = field(header, 156, 1) || '0'
    if (kind === '0') return tar.subarray(at + block, at + block + size).toString()
    at += block + Math.ceil(size / block) * block
  }
  return ''
}
