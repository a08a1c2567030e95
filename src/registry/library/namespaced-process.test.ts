import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../test-content.ts'
import { CommandError, runNamespaced } from './namespaced-process.ts'

/** Processes whose command line holds this word. */
async function running(word: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') // it may have ended meanwhile
    if (line.includes(word)) found.push(line)
  }
  return found
}

test('lines of both outputs and of descriptor 3 are told; a failure has the last ones', async () => {
  const lines: string[] = []
  const status: string[] = []
  const told = { onLine: (line: string) => void lines.push(line), onStatus: (line: string) => void status.push(line) }
  await runNamespaced({ command: ['sh', '-c', 'echo out; echo err >&2; echo done:1:50 >&3'], ...told })
  expect([lines.toSorted(), status]).toEqual([['err', 'out'], ['done:1:50']])
  const failure = runNamespaced({ command: ['sh', '-c', 'echo E: no such package; exit 7'] })
  await expect(failure).rejects.toThrow('sh failed with status 7: E: no such package')
  await expect(failure).rejects.toBeInstanceOf(CommandError)
})

test('what it mounts is not seen outside, and what it starts ends with it', async () => {
  await using folder = await testFolder()
  await runNamespaced({
    command: ['sh', '-c', `mount -t tmpfs tmpfs ${folder.path} && (sleep 987654 & ) && touch ${folder.path}/inside`],
  })
  expect(await readdir(folder.path)).toEqual([])
  expect(await running('987654')).toEqual([])
})

test('called off, it is gone', async () => {
  const abort = new AbortController()
  const run = runNamespaced({
    command: ['sh', '-c', 'echo up; sleep 876543'],
    signal: abort.signal,
    onLine: () => abort.abort(),
  })
  await expect(run).rejects.toThrow()
  await expect.poll(() => running('876543')).toEqual([])
})

test('whoever started it is killed: it is gone too', async () => {
  const source = `import { runNamespaced } from ${JSON.stringify(join(import.meta.dirname, 'namespaced-process.ts'))}
    await runNamespaced({ command: ['sh', '-c', 'echo up; sleep 765432'], onLine: console.log })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  expect((await running('765432')).length).toBeGreaterThan(0)
  child.kill('SIGKILL')
  await expect.poll(() => running('765432'), { timeout: 3000 }).toEqual([])
})
