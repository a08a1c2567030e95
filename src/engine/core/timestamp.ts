/** Docker's zero time. */
export const never = '0001-01-01T00:00:00Z'

let last = 0n

/** Nanoseconds since 1970, always greater than the one before: two events never share one. */
export function nanoseconds(): bigint {
  const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n
  last = now > last ? now : last + 1n
  return last
}

/** RFC 3339 with nanoseconds, zeros at the end cut as Go does. */
export function timestamp(at: bigint | Date = nanoseconds()): string {
  const nanos = typeof at === 'bigint' ? at : BigInt(at.getTime()) * 1_000_000n
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`
}

/** Milliseconds since 1970; a timestamp's nanoseconds are lost. */
export function millisecondsOf(text: string): number {
  return Date.parse(text.replace(/(\.\d{3})\d+/, '$1'))
}
