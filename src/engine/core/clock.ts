import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../contract.ts'

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) =>
    sleep(Math.min(milliseconds, 2 ** 31 - 1), undefined, { ref: false, ...(signal && { signal }) }),
}
