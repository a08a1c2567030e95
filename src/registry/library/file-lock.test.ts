import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../test-content.ts'
import { FileLock } from './file-lock.ts'

test('one holder at a time; the next one gets it when it is given back', async () => {
  await using folder = await testFolder()
  const file = join(folder.path, 'x.lock')
  const first = FileLock.tryAcquire(file)
  expect(first).toBeDefined()
  expect(FileLock.tryAcquire(file)).toBeUndefined()
  let waits = 0
  const second = FileLock.acquire(file, { onWait: () => waits++ })
  first?.[Symbol.dispose]()
  using _held = await second
  expect(waits).toBe(1)
})

test('waiting ends when it is called off', async () => {
  await using folder = await testFolder()
  const file = join(folder.path, 'x.lock')
  using _held = await FileLock.acquire(file)
  await expect(FileLock.acquire(file, { signal: AbortSignal.timeout(50) })).rejects.toThrow()
})

test('a holder that is killed gives it back', async () => {
  await using folder = await testFolder()
  const file = join(folder.path, 'x.lock')
  const source = `import { FileLock } from ${JSON.stringify(join(import.meta.dirname, 'file-lock.ts'))}
    globalThis.held = await FileLock.acquire(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  expect(FileLock.tryAcquire(file)).toBeUndefined()
  child.kill('SIGKILL')
  await once(child, 'exit')
  using lock = FileLock.tryAcquire(file)
  expect(lock).toBeDefined()
})
