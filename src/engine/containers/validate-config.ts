import { posix } from 'node:path'
import { parseSignal } from '../core/signals.ts'
import { invalid } from '../engine-error.ts'
import type { ContainerConfig, HealthcheckConfig } from '../shapes/index.ts'

const longestHostname = 64
const leastDurationNs = 1_000_000

/** @throws Docker's sentences; cleans the working directory in place */
export function validateConfig(config: ContainerConfig): void {
  if (config.WorkingDir) {
    if (!config.WorkingDir.startsWith('/')) {
      throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`)
    }
    config.WorkingDir = posix.normalize(config.WorkingDir).replace(/(.)\/$/, '$1')
  }
  if (config.StopSignal) parseSignal(config.StopSignal)
  for (const entry of config.Env ?? []) {
    if (entry === '' || entry.startsWith('=')) throw invalid(`invalid environment variable: ${entry}`)
  }
  validateHealthcheck(config.Healthcheck)
  if (Buffer.byteLength(config.Hostname ?? '') > longestHostname) {
    throw invalid(`hostname "${config.Hostname}" is too long (maximum ${longestHostname} bytes)`)
  }
}

function validateHealthcheck(check: HealthcheckConfig | null | undefined): void {
  if (!check) return
  const tooShort = (ns: number | undefined) => ns !== undefined && ns !== 0 && ns < leastDurationNs
  if (tooShort(check.Interval)) throw invalid('Interval in Healthcheck cannot be less than 1ms')
  if (tooShort(check.Timeout)) throw invalid('Timeout in Healthcheck cannot be less than 1ms')
  if ((check.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative')
  if (tooShort(check.StartPeriod)) throw invalid('StartPeriod in Healthcheck cannot be less than 1ms')
  if (tooShort(check.StartInterval)) throw invalid('StartInterval in Healthcheck cannot be less than 1ms')
}
