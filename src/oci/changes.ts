import { lstatSync, type Stats } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { FileChange } from './content.ts'
import { isOpaque, lookupInLayers } from './layer-lookup.ts'
import { fsPath } from './name-bytes.ts'
import { isWhiteout } from './overlay-marks.ts'
import { getXattr } from './posix.ts'
import { byteOrder, sortedNames } from './tree-walk.ts'

const modified = 0
const added = 1
const deleted = 2

interface Place {
  readonly upper: string
  readonly lower: readonly string[]
  readonly parts: readonly string[]
}

/**
 * What an overlay's upper folder changes against the folders beneath (top first), sorted by path, as `docker diff` lists
 * it: a folder in which something changed is modified itself; a file that was only opened for writing is not.
 */
export async function changes(upperdir: string, lowerdirs: readonly string[]): Promise<FileChange[]> {
  const found: FileChange[] = []
  for await (const change of inFolder({ upper: upperdir, lower: lowerdirs, parts: [] })) found.push(change)
  return found.sort((a, b) => byteOrder(a.path, b.path))
}

async function* inFolder(place: Place): AsyncGenerator<FileChange, void, void> {
  await setImmediate()
  const names = sortedNames([place.upper, ...place.parts].join('/'))
  for (const name of names) yield* inPlace({ ...place, parts: [...place.parts, name] })
  if (isOpaque([place.upper, ...place.parts].join('/'))) yield* hidden(place, new Set(names))
}

async function* inPlace(place: Place): AsyncGenerator<FileChange, void, void> {
  const at = [place.upper, ...place.parts].join('/')
  const path = `/${place.parts.join('/')}`
  const now = lstatSync(fsPath(at), { throwIfNoEntry: false })
  if (!now) return
  const before = lookupInLayers(place.lower, place.parts)
  if (isWhiteout(now)) {
    if (before) yield { path, kind: deleted }
    return
  }
  const own = !before ? added : differs(before.stats, now) || !sameCapability(before.path, at) ? modified : undefined
  if (own !== undefined) yield { path, kind: own }
  if (!now.isDirectory()) return
  let told = own !== undefined
  for await (const change of inFolder({ ...place, lower: before?.stats.isDirectory() ? place.lower : [] })) {
    if (!told) yield { path, kind: modified }
    told = true
    yield change
  }
}

/** What a folder that was made anew no longer has. */
function* hidden(place: Place, kept: ReadonlySet<string>): Generator<FileChange, void, void> {
  const gone = new Set<string>()
  for (const folder of place.lower) {
    const found = lookupInLayers([folder], place.parts)
    if (!found?.stats.isDirectory()) continue
    for (const name of sortedNames(found.path)) if (!kept.has(name)) gone.add(name)
  }
  for (const name of gone) {
    const parts = [...place.parts, name]
    if (lookupInLayers(place.lower, parts)) yield { path: `/${parts.join('/')}`, kind: deleted }
  }
}

function differs(before: Stats, now: Stats): boolean {
  const node = before.mode !== now.mode || before.uid !== now.uid || before.gid !== now.gid || before.rdev !== now.rdev
  if (node || now.isDirectory()) return node
  return before.size !== now.size || !sameTime(before.mtimeMs, now.mtimeMs)
}

/** Layers that came as tars have whole seconds. */
function sameTime(a: number, b: number): boolean {
  return a === b || (Math.floor(a / 1000) === Math.floor(b / 1000) && (a % 1000 === 0 || b % 1000 === 0))
}

function sameCapability(before: string, now: string): boolean {
  const [a, b] = [getXattr(before, 'security.capability'), getXattr(now, 'security.capability')]
  return a === undefined || b === undefined ? a === b : a.equals(b)
}
