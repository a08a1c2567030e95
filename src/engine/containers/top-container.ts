import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Core } from '../core/core.ts'
import { conflict, EngineError, invalid, system } from '../engine-error.ts'
import { notRunning } from './kill-container.ts'

const run = promisify(execFile)
const defaultArgs = '-ef'

/** Options that would show other processes, or none that can be told apart. */
function checkArgs(args: string): void {
  for (const option of args.split(/\s+/)) {
    const fields = /^(?:-o|o|--format=?)(.*)$/.exec(option)?.[1] ?? ''
    for (const field of fields.split(',')) {
      const [name = '', title] = field.split('=', 2)
      if (title !== undefined && name !== 'pid' && title.toUpperCase() === 'PID') {
        throw invalid(`specifying "${field}" is not allowed`)
      }
    }
  }
}

interface Listing {
  Titles: string[]
  Processes: string[][]
}

/** ps's table, without the processes of others. The last column may hold blanks. */
export function parsePs(output: string, pids: readonly number[]): Listing {
  const [head = '', ...lines] = output.split('\n').filter((line) => line.trim() !== '')
  const Titles = head.trim().split(/\s+/)
  const column = Titles.indexOf('PID')
  if (column < 0) throw system("couldn't find PID field in ps output")
  const wanted = new Set(pids.map(String))
  const Processes: string[][] = []
  for (const line of lines) {
    const words = line.trim().split(/\s+/)
    const fields = words.slice(0, Titles.length - 1)
    const rest = words.slice(Titles.length - 1).join(' ')
    if (wanted.has(words[column] ?? '')) Processes.push([...fields, rest])
  }
  return { Titles, Processes }
}

/** `docker top`. */
export async function topContainer(core: Core, ref: string, psArgs = defaultArgs): Promise<Listing> {
  const args = psArgs || defaultArgs
  checkArgs(args)
  const container = core.containers.get(ref)
  if (!container.running) throw notRunning(container)
  if (container.record.state.status === 'restarting') {
    throw conflict(`Container ${container.id} is restarting, wait until the container is running`)
  }
  const pids = await core.linux.containers.pids(container.id)
  try {
    const { stdout } = await run('ps', args.split(/\s+/).filter(Boolean), { maxBuffer: 64 * 1024 * 1024 })
    return parsePs(stdout, pids)
  } catch (error) {
    if (error instanceof EngineError) throw error
    const { stderr = '', message } = error as { stderr?: string; message: string }
    throw system(`ps: ${stderr.split('\n').find(Boolean) ?? message}`, { cause: error })
  }
}
