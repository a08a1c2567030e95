/**
 * A record of conmon's log (the format of the Kubernetes container runtime interface):
 *
 *   2026-11-24T10:42:24.381902876+00:00 stdout F text⏎     F: the line ends here; P: it goes on in the next record
 *   0                                   36     43 45
 *
 * conmon runs in UTC, so the columns never move.
 */
import type { LogRecord } from './contract.ts'

const timeLength = 29
const streamAt = 36
const flagAt = 43
const dataAt = 45
const LF = 10
const FULL = 'F'.charCodeAt(0)
/** The fourth letter of stdout or stderr. */
const outLetterAt = streamAt + 3
const O = 'o'.charCodeAt(0)

export function isLineEnd(line: Buffer, start: number): boolean {
  return line[start + flagAt] === FULL
}

/** A record that was cut by a full disk or a power failure is left out. */
export function parseRecord(bytes: Buffer, start: number, lineFeed: number): LogRecord | null {
  if (lineFeed - start < dataAt) return null
  const end = isLineEnd(bytes, start) ? lineFeed + 1 : lineFeed
  return {
    stream: bytes[start + outLetterAt] === O ? 'stdout' : 'stderr',
    time: `${bytes.toString('latin1', start, start + timeLength)}Z`,
    data: bytes.subarray(start + dataAt, end),
  }
}

/** Every whole record in the bytes, and how many bytes they took. */
export function parseRecords(bytes: Buffer): { records: LogRecord[]; used: number } {
  const records: LogRecord[] = []
  let start = 0
  for (;;) {
    const lineFeed = bytes.indexOf(LF, start)
    if (lineFeed < 0) return { records, used: start }
    const record = parseRecord(bytes, start, lineFeed)
    if (record !== null) records.push(record)
    start = lineFeed + 1
  }
}
