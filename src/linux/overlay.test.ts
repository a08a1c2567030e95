import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { enterMounts } from './index.ts'
import { overlays } from './overlay.ts'

let folder = ''
beforeAll(async () => {
  await enterMounts()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overlay-'))
  for (const name of ['upper', 'work', 'merged']) mkdirSync(join(folder, name))
})
afterEach(() => {
  overlays.unmount(join(folder, 'merged'))
  rmSync(folder, { recursive: true })
})

function layers(count: number, name: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => {
    const layer = join(folder, 'layers', name(n))
    mkdirSync(layer, { recursive: true })
    writeFileSync(join(layer, `file-${n}`), String(n))
    writeFileSync(join(layer, 'shared'), String(n))
    return layer
  })
}

const target = () => join(folder, 'merged')
const writable = () => ({ upperDir: join(folder, 'upper'), workDir: join(folder, 'work'), target: target() })

test('the first layer wins, writes go to the upper folder, and unmounting twice is no error', () => {
  overlays.mount({ lowerDirs: layers(3, String), ...writable() })
  expect(readFileSync(join(target(), 'shared'), 'utf8')).toBe('0')
  writeFileSync(join(target(), 'new'), 'x')
  expect(existsSync(join(folder, 'upper/new'))).toBe(true)
  expect(overlays.isMounted(target())).toBe(true)
  expect(overlays.mounted(folder)).toEqual([target()])
  overlays.unmount(target())
  overlays.unmount(target())
  expect(overlays.isMounted(target())).toBe(false)
})

test('an image of 127 layers with long names is mounted whole', () => {
  const long = 'sha256-'.padEnd(71, 'f')
  overlays.mount({ lowerDirs: layers(127, (n) => `${long}${n}`), ...writable() })
  expect(readdirSync(target()).length).toBe(128)
})

test('names with commas, colons and spaces are themselves', () => {
  overlays.mount({ lowerDirs: layers(2, (n) => `a:b,c d\\e${n}`), target: target() })
  expect(readdirSync(target()).sort()).toEqual(['file-0', 'file-1', 'shared'])
})

test('a read-only overlay refuses writes, and half an upper is refused', () => {
  overlays.mount({ lowerDirs: layers(2, String), target: target() })
  expect(() => writeFileSync(join(target(), 'x'), '')).toThrow('EROFS')
  expect(() => overlays.mount({ lowerDirs: ['/'], upperDir: '/x', target: '/y' })).toThrow(
    'only one of upperDir and workDir',
  )
  expect(() => overlays.mount({ lowerDirs: [], target: '/y' })).toThrow('without layers')
})
