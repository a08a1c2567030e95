import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OciProcess } from './index.ts'
import { collect, openKernel, sha256, type TestKernel } from './testing/kernel.ts'

let kernel: TestKernel
beforeAll(async () => {
  kernel = await openKernel()
  const options = { id: 'host', bundleDir: kernel.bundle('host'), spec: kernel.spec(['sleep', '1000']) }
  await kernel.linux.containers.create({ ...options, logPath: null, terminal: false, stdin: 'none' })
  await kernel.linux.containers.start('host')
})
afterAll(async () => {
  await kernel[Symbol.asyncDispose]()
})

const exec = (args: string[], change: Partial<OciProcess> = {}, stdin = false) =>
  kernel.linux.containers.exec('host', { process: kernel.spec(args, change).process, stdin })

test('a program has its user, groups, folder, environment and exit code', async () => {
  const change = {
    user: { uid: 5, gid: 6, additionalGids: [9] },
    cwd: '/tmp',
    env: ['PATH=/usr/bin:/bin', 'NAME=value'],
  }
  await using process = await exec(['sh', '-c', 'id -u; id -G; pwd; echo $NAME; echo bad >&2; exit 3'], change)
  expect(await collect(process.output)).toEqual({ stdout: '5\n6 9\n/tmp\nvalue\n', stderr: 'bad\n' })
  expect(await process.exited).toBe(3)
})

test('large input and output pass whole, and the end of the input is the end of stdin', async () => {
  await using process = await exec(['sh', '-c', 'sha256sum >&2; head -c 5000000 /dev/zero'], {}, true)
  const input = Buffer.alloc(4_000_000, 'xyz')
  process.stdin.end(input)
  const { stdout, stderr } = await collect(process.output)
  expect(stderr.slice(0, 64)).toBe(sha256(input))
  expect(stdout.length).toBe(5_000_000)
})

test('without stdin it reads nothing', async () => {
  await using process = await exec(['cat'])
  expect((await collect(process.output)).stdout).toBe('')
  expect(await process.exited).toBe(0)
})

test('a terminal is resized and answers', async () => {
  await using process = await exec(
    ['sh', '-c', 'read a; stty size; read b; echo "$a $b"; exit 4'],
    { terminal: true },
    true,
  )
  process.resize({ rows: 40, columns: 120 })
  process.stdin.write('one\n')
  process.stdin.write('two\n')
  const { stdout } = await collect(process.output)
  expect(stdout).toContain('40 120\r\n')
  expect(stdout).toContain('one two\r\n')
  expect(await process.exited).toBe(4)
})

test('a signal ends it with 128 and its number', async () => {
  await using process = await exec(['sleep', '1000'])
  process.signal(15)
  process.output.resume()
  expect(await process.exited).toBe(143)
})

test('a program that is not there is refused', async () => {
  await expect(exec(['no-such-program'])).rejects.toMatchObject({
    name: 'RuntimeError',
    operation: 'exec',
    code: 'ENOENT',
  })
})

test('a child that is left behind does not hold the output for long', async () => {
  const before = Date.now()
  await using process = await exec(['sh', '-c', 'sleep 30 & echo started'])
  expect((await collect(process.output)).stdout).toBe('started\n')
  expect(Date.now() - before).toBeLessThan(10_000)
})

test('many at once do not mix', async () => {
  const all = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      await using process = await exec(['echo', String(i)])
      return (await collect(process.output)).stdout
    }),
  )
  expect(all).toEqual(Array.from({ length: 10 }, (_, i) => `${i}\n`))
  await sleep(0)
})
