import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isInside, launchArgv, releaseMounts } from './index.ts'

const inside = (runtimeDir: string, script: string) => {
  const [program = '', ...args] = launchArgv(runtimeDir, ['sh', '-c', script])
  return execFileSync(program, args, { encoding: 'utf8' })
}
const mountsOf = (folder: string) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder))

test('mounts made inside stay for the next process inside, are not seen outside, and go with the release', () => {
  const runtimeDir = mkdtempSync(join(tmpdir(), 'mount-namespace-'))
  const target = join(runtimeDir, 'target')
  expect(isInside(runtimeDir)).toBe(false)
  inside(runtimeDir, `mkdir ${target} && mount -t tmpfs none ${target} && touch ${target}/file`)
  expect(inside(runtimeDir, `ls ${target}; pwd`)).toBe(`file\n${process.cwd()}\n`)
  expect(existsSync(join(target, 'file'))).toBe(false)
  releaseMounts(runtimeDir)
  releaseMounts(runtimeDir)
  expect(mountsOf(runtimeDir)).toEqual([])
  rmSync(runtimeDir, { recursive: true })
})

test('inside, launching again changes nothing', () => {
  const runtimeDir = mkdtempSync(join(tmpdir(), 'mount-namespace-'))
  const door = new URL('index.ts', import.meta.url).href
  const script = `import('${door}').then((l) => console.log(l.isInside('${runtimeDir}'), l.launchArgv('${runtimeDir}', ['x']).join()))`
  const [program = '', ...args] = launchArgv(runtimeDir, [process.execPath, '-e', script])
  expect(execFileSync(program, args, { encoding: 'utf8' })).toBe('true x\n')
  releaseMounts(runtimeDir)
  rmSync(runtimeDir, { recursive: true })
})
