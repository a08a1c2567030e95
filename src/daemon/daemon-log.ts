import { type Logger, pino } from 'pino'

/** The daemon's log: one JSON object a line, on the file descriptor that the launcher gave as stdout. */
export function daemonLog(): Logger {
  return pino(
    { level: process.env.MANUFACTURE_LOG_LEVEL || 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 1, sync: true }),
  )
}
