import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { system } from '../engine-error.ts'

const run = promisify(execFile)

/** mount(8): file systems other than overlay, for volumes that name a device. */
export async function mountDevice(type: string, device: string, options: string, target: string): Promise<void> {
  const args = [...(type ? ['-t', type] : []), ...(options ? ['-o', options] : []), device || 'none', target]
  try {
    await run('mount', args)
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    const reason = /: ([^:]+?)\.?\s*(?:\n|$)/.exec(stderr)?.[1]?.trim() || (error as Error).message
    throw system(
      `failed to mount local volume: mount ${device}:${target}${options ? `, data: ${options}` : ''}: ${reason}`,
      { cause: error },
    )
  }
}
