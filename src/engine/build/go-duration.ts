/** Nanoseconds as Go prints a duration: `30s`, `1m30s`, `1h0m0s`, `100ms`. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  const sign = nanoseconds < 0 ? '-' : ''
  const value = Math.abs(nanoseconds)
  const trim = (number: number) => String(Number(number.toFixed(9)))
  if (value < 1e3) return `${sign}${value}ns`
  if (value < 1e6) return `${sign}${trim(value / 1e3)}µs`
  if (value < 1e9) return `${sign}${trim(value / 1e6)}ms`
  const hours = Math.floor(value / 3600e9)
  const minutes = Math.floor((value % 3600e9) / 60e9)
  const seconds = trim((value % 60e9) / 1e9)
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}
