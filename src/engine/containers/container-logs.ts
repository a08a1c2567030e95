import { type LogRecord, type OutputChunk, readLog } from '../../linux/index.ts'
import type { Core } from '../core/core.ts'
import { invalid, system } from '../engine-error.ts'
import type { LogsOptions } from '../shapes/index.ts'
import type { Container } from './container.ts'
import { logPath } from './log-path.ts'

/** What `--details` puts before each line: the labels and variables that the log options name. */
function detailsOf(container: Container): string {
  const { config, hostConfig } = container.record
  const options = hostConfig.LogConfig?.Config ?? {}
  const details = new Map<string, string>()
  for (const name of (options.labels ?? '').split(',')) {
    const value = config.Labels?.[name]
    if (value !== undefined) details.set(name, value)
  }
  const wanted = new Set((options.env ?? '').split(',').filter(Boolean))
  for (const entry of config.Env ?? []) {
    const [name = ''] = entry.split('=', 1)
    if (wanted.has(name)) details.set(name, entry.slice(name.length + 1))
  }
  if (options.tag) details.set('tag', options.tag)
  return [...details]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join(',')
}

/** RFC 3339 with exactly nine digits, as Docker writes it in front of a line. */
function nineDigits(time: string): string {
  const [whole = '', fraction = ''] = time.replace(/Z$/, '').split('.')
  return `${whole}.${fraction.padEnd(9, '0').slice(0, 9)}Z`
}

/** `docker logs`. */
export async function containerLogs(core: Core, ref: string, options: LogsOptions, signal?: AbortSignal) {
  if (!options.stdout && !options.stderr) throw invalid('You must choose at least one stream')
  const container = core.containers.get(ref)
  const path = logPath(core, container)
  if (path === null) throw system('configured logging driver does not support reading')
  const { tail } = options
  const follow = (options.follow ?? false) && container.running
  const both = options.stdout && options.stderr
  const details = options.details ? detailsOf(container) : ''
  const plain = !options.timestamps && details === ''
  const records = readLog(path, {
    ...(tail !== undefined && tail >= 0 && { tail }),
    ...(options.since && { since: options.since }),
    ...(options.until && { until: options.until }),
    ...(follow && { follow, ended: afterLastRun(core, container) }),
    ...(signal && { signal }),
  })
  const wanted = ({ stream }: LogRecord) => (stream === 'stderr' ? options.stderr : options.stdout)
  const decorate = ({ stream, time, data }: LogRecord): OutputChunk => {
    const before = `${options.timestamps ? `${nineDigits(time)} ` : ''}${details === '' ? '' : `${details} `}`
    return { stream, data: Buffer.concat([Buffer.from(before), data]) }
  }
  async function* output(): AsyncGenerator<OutputChunk[], void, undefined> {
    for await (const batch of records) {
      const chosen = both ? batch : batch.filter(wanted)
      if (chosen.length > 0) yield plain ? chosen : chosen.map(decorate)
    }
  }
  return { tty: container.record.config.Tty ?? false, output: output() }
}

/** A log that is followed ends with the run, but goes on through the restarts of a policy. */
async function afterLastRun(core: Core, container: Container): Promise<void> {
  while (container.running && !container.removed && !core.closing.signal.aborted) {
    await new Promise<void>((resolve) => {
      const exit = container.onExit(() => {
        removed[Symbol.dispose]()
        resolve()
      })
      const removed = container.onRemoved(() => {
        exit[Symbol.dispose]()
        resolve()
      })
    })
    // The policy's next run is a run of the same log.
    if (container.record.state.status !== 'restarting') return
  }
}
