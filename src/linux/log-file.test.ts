import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogRecord, ReadLogOptions } from './index.ts'
import { readLog } from './log-file.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-file-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const time = (n: number) => `2026-11-24T10:00:00.${String(n).padStart(9, '0')}+00:00`
const line = (n: number, text: string, stream = 'stdout', flag = 'F') => `${time(n)} ${stream} ${flag} ${text}\n`

async function read(path: string, options?: ReadLogOptions): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const batch of readLog(path, options)) records.push(...batch)
  return records
}
const texts = (records: LogRecord[]) => records.map((record) => record.data.toString())

test('full and partial lines come with their stream and time', async () => {
  const path = join(folder, 'a')
  writeFileSync(
    path,
    line(1, 'one') + line(2, 'two', 'stderr') + line(3, 'thr', 'stdout', 'P') + line(4, 'ee') + line(5, ''),
  )
  const records = await read(path)
  expect(texts(records)).toEqual(['one\n', 'two\n', 'thr', 'ee\n', '\n'])
  expect(records[1]).toMatchObject({ stream: 'stderr', time: '2026-11-24T10:00:00.000000002Z' })
})

test('a missing file is an empty log, and a record cut short is left out', async () => {
  expect(await read(join(folder, 'none'))).toEqual([])
  const path = join(folder, 'cut')
  writeFileSync(path, `${line(1, 'one')}2026-11-24T10:0`)
  expect(texts(await read(path))).toEqual(['one\n'])
})

test('the tail is counted in lines of any length, also across the reader’s chunks', async () => {
  const path = join(folder, 'tail')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(60_000), fc.constantFrom('F', 'P')), { maxLength: 12 }),
      fc.nat(14),
      async (lines, tail) => {
        writeFileSync(path, lines.map(([length, flag], i) => line(i, 'x'.repeat(length), 'stdout', flag)).join(''))
        const all = await read(path)
        let wanted = all.length
        for (let left = tail; wanted > 0; wanted -= 1) {
          if (all[wanted - 1]?.data.at(-1) === 10 && --left < 0) break
        }
        expect((await read(path, { tail })).map((r) => r.data.length)).toEqual(
          all.slice(wanted).map((r) => r.data.length),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('since and until choose by time, to the nanosecond', async () => {
  const path = join(folder, 'times')
  writeFileSync(path, [1, 2, 3, 4].map((n) => line(n, String(n))).join(''))
  const since = '2026-11-24T10:00:00.000000002Z'
  const until = '2026-11-24T10:00:00.000000003Z'
  expect(texts(await read(path, { since, until }))).toEqual(['2\n', '3\n'])
  expect(texts(await read(path, { since: new Date('2026-11-24T10:00:00.001Z') }))).toEqual([])
})

test('following sees what is written later, outlives a new file in its place, and ends when told', async () => {
  const path = join(folder, 'follow')
  writeFileSync(path, line(1, 'one'))
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const seen: string[] = []
  for await (const batch of readLog(path, { follow: true, ended })) {
    seen.push(...texts(batch))
    if (seen.length === 1) setTimeout(() => appendFileSync(path, line(2, 'two')), 20)
    if (seen.length === 2) {
      setTimeout(() => {
        writeFileSync(`${path}.new`, line(3, 'three'))
        renameSync(`${path}.new`, path)
      }, 20)
    }
    if (seen.length === 3) {
      appendFileSync(path, line(4, 'last'))
      resolve()
    }
  }
  expect(seen).toEqual(['one\n', 'two\n', 'three\n', 'last\n'])
})

test('following ends when it is aborted', async () => {
  const path = join(folder, 'abort')
  writeFileSync(path, line(1, 'one'))
  const signal = AbortSignal.timeout(50)
  expect(texts(await read(path, { follow: true, signal }))).toEqual(['one\n'])
})
