import { OciError } from './oci-error.ts'

/** PAX records in their order: GNU's sparse format 0.0 repeats keys. */
export type PaxRecords = readonly (readonly [key: string, value: Buffer])[]

/** `"%d %s=%s\n"`: length of the whole record in decimal, keyword, value byte for byte. */
export function parsePax(bytes: Buffer): PaxRecords {
  const records: [string, Buffer][] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === 0) break
    const space = bytes.indexOf(0x20, at)
    const digits = space < 0 ? '' : bytes.toString('latin1', at, space)
    const end = at + Number(digits)
    if (!/^[0-9]{1,10}$/.test(digits) || end > bytes.length || end < space + 3 || bytes[end - 1] !== 0x0a) {
      throw new OciError('corrupt', 'invalid tar header: malformed PAX record')
    }
    const equals = bytes.indexOf(0x3d, space + 1)
    if (equals < 0 || equals >= end || equals === space + 1) {
      throw new OciError('corrupt', 'invalid tar header: PAX record without a keyword')
    }
    records.push([bytes.toString('utf8', space + 1, equals), bytes.subarray(equals + 1, end - 1)])
    at = end
  }
  return records
}

export function formatPax(records: Iterable<readonly [string, Uint8Array | string]>): Buffer {
  const parts: Buffer[] = []
  for (const [key, value] of records) {
    const body = Buffer.concat([
      Buffer.from(` ${key}=`),
      typeof value === 'string' ? Buffer.from(value) : value,
      newline,
    ])
    let length = body.length
    while (body.length + String(length).length !== length) length = body.length + String(length).length
    parts.push(Buffer.from(String(length)), body)
  }
  return Buffer.concat(parts)
}

const newline = Buffer.from('\n')
