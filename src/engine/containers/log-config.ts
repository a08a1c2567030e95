import { invalid } from '../engine-error.ts'
import type { LogConfig } from '../shapes/index.ts'

const accepted: Record<string, readonly string[]> = {
  'json-file': [
    'max-file',
    'max-size',
    'compress',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
    'tag',
    'mode',
    'max-buffer-size',
  ],
  local: ['max-file', 'max-size', 'compress', 'mode', 'max-buffer-size'],
  none: ['mode', 'max-buffer-size'],
}

const suffix: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** `10m` → bytes; undefined where it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim())
  if (!match) return undefined
  return Math.floor(Number(match[1]) * (suffix[(match[2] ?? '').toLowerCase()] ?? 1))
}

/** Docker's default filled in, its options checked. */
export function completeLogConfig(config: LogConfig | undefined): Required<LogConfig> {
  const complete = { Type: config?.Type || 'json-file', Config: { ...config?.Config } }
  const names = accepted[complete.Type]
  if (!names) throw invalid(`logger: no log driver named '${complete.Type}' is registered`)
  for (const name of Object.keys(complete.Config)) {
    if (!names.includes(name)) throw invalid(`unknown log opt '${name}' for ${complete.Type} log driver`)
  }
  const { mode, 'max-size': size, 'max-file': files } = complete.Config
  if (mode !== undefined && !['', 'blocking', 'non-blocking'].includes(mode)) {
    throw invalid(`logger: logging mode not supported: ${mode}`)
  }
  if (size !== undefined && parseSize(size) === undefined && size !== '-1') throw invalid(`invalid size: '${size}'`)
  if (files !== undefined && !(Number(files) >= 1)) {
    throw invalid(
      /^\d+$/.test(files) ? 'max-file cannot be less than 1' : `strconv.Atoi: parsing "${files}": invalid syntax`,
    )
  }
  return complete
}

/** The greatest length of the log in bytes, rotated parts together; undefined for none. */
export function logLimitBytes(config: LogConfig | undefined): number | undefined {
  const options = config?.Config ?? {}
  // Docker's local driver keeps five files of 20 MB unless told otherwise.
  const local = config?.Type === 'local'
  const size = parseSize(options['max-size'] ?? (local ? '20m' : ''))
  if (size === undefined || size <= 0) return undefined
  return size * Number(options['max-file'] ?? (local ? 5 : 1))
}
