import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { close, pipe } from './libc.ts'
import { RuntimeError } from './runtime-error.ts'
import { spawn } from './spawn.ts'

/** One crun command to its end; a failure is thrown with crun's own sentence. */
export async function runCrun(crun: string, crunRoot: string, command: string, args: string[]): Promise<void> {
  const stderr = pipe()
  const nothing = openSync('/dev/null', 'r+')
  let child: ReturnType<typeof spawn>
  try {
    const fds = new Map([
      [0, nothing],
      [1, nothing],
      [2, stderr.write],
    ])
    child = spawn({ program: crun, args: ['--root', crunRoot, command, ...args], env: { LC_ALL: 'C' }, cwd: '/', fds })
  } catch (error) {
    close(stderr.read)
    throw error
  } finally {
    closeSync(nothing)
    close(stderr.write)
  }
  const socket = new Socket({ fd: stderr.read, readable: true, writable: false })
  let text = ''
  for await (const chunk of socket) text += chunk
  const exitCode = await child.exited
  if (exitCode !== 0) throw RuntimeError.from(command, text)
}
