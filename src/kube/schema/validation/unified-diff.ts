/**
 * The difference of two texts as Python's difflib (and Go's port of it, which Kubernetes uses) shows it: hunks with three
 * lines around each change, lines of a long text that repeat often not counting as an anchor.
 */
export function unifiedDiff(a: string, b: string, context = 3): string {
  const left = splitLines(a)
  const right = splitLines(b)
  let text = ''
  for (const group of groupsOf(opcodesOf(left, right), context)) {
    const first = group[0]
    const last = group.at(-1)
    if (!first || !last) continue
    text += `@@ -${range(first.a0, last.a1)} +${range(first.b0, last.b1)} @@\n`
    for (const { kind, a0, a1, b0, b1 } of group) {
      if (kind === 'equal') for (const line of left.slice(a0, a1)) text += ` ${line}`
      if (kind === 'replace' || kind === 'delete') for (const line of left.slice(a0, a1)) text += `-${line}`
      if (kind === 'replace' || kind === 'insert') for (const line of right.slice(b0, b1)) text += `+${line}`
    }
  }
  return text
}

const splitLines = (text: string): string[] => text.split('\n').map((line) => `${line}\n`)

function range(start: number, stop: number): string {
  const length = stop - start
  if (length === 1) return String(start + 1)
  return `${length === 0 ? start : start + 1},${length}`
}

interface Opcode {
  kind: 'equal' | 'replace' | 'delete' | 'insert'
  a0: number
  a1: number
  b0: number
  b1: number
}

function opcodesOf(a: readonly string[], b: readonly string[]): Opcode[] {
  const codes: Opcode[] = []
  let [i, j] = [0, 0]
  for (const { a: ai, b: bj, size } of matchingBlocks(a, b)) {
    const kind = i < ai && j < bj ? 'replace' : i < ai ? 'delete' : j < bj ? 'insert' : undefined
    if (kind) codes.push({ kind, a0: i, a1: ai, b0: j, b1: bj })
    ;[i, j] = [ai + size, bj + size]
    if (size > 0) codes.push({ kind: 'equal', a0: ai, a1: i, b0: bj, b1: j })
  }
  return codes
}

interface Block {
  a: number
  b: number
  size: number
}

function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const positions = new Map<string, number[]>()
  b.forEach((line, j) => {
    const known = positions.get(line)
    if (known) known.push(j)
    else positions.set(line, [j])
  })
  if (b.length >= 200) {
    const many = Math.floor(b.length / 100) + 1
    for (const [line, at] of positions) if (at.length > many) positions.delete(line)
  }
  const blocks: Block[] = []
  const find = (a0: number, a1: number, b0: number, b1: number): void => {
    const block = longestMatch(a, b, positions, a0, a1, b0, b1)
    if (block.size === 0) return
    if (a0 < block.a && b0 < block.b) find(a0, block.a, b0, block.b)
    blocks.push(block)
    if (block.a + block.size < a1 && block.b + block.size < b1) find(block.a + block.size, a1, block.b + block.size, b1)
  }
  find(0, a.length, 0, b.length)
  const merged: Block[] = []
  for (const block of blocks) {
    const last = merged.at(-1)
    if (last && last.a + last.size === block.a && last.b + last.size === block.b) last.size += block.size
    else merged.push({ ...block })
  }
  merged.push({ a: a.length, b: b.length, size: 0 })
  return merged
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  positions: ReadonlyMap<string, readonly number[]>,
  a0: number,
  a1: number,
  b0: number,
  b1: number,
): Block {
  let best: Block = { a: a0, b: b0, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = a0; i < a1; i++) {
    const next = new Map<number, number>()
    for (const j of positions.get(a[i] ?? '') ?? []) {
      if (j < b0) continue
      if (j >= b1) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  while (best.a > a0 && best.b > b0 && a[best.a - 1] === b[best.b - 1]) {
    best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 }
  }
  while (best.a + best.size < a1 && best.b + best.size < b1 && a[best.a + best.size] === b[best.b + best.size]) {
    best = { ...best, size: best.size + 1 }
  }
  return best
}

function groupsOf(all: readonly Opcode[], context: number): Opcode[][] {
  const codes = all.map((code) => ({ ...code }))
  const first = codes[0]
  if (!first) return []
  if (first.kind === 'equal') {
    first.a0 = Math.max(first.a0, first.a1 - context)
    first.b0 = Math.max(first.b0, first.b1 - context)
  }
  const last = codes.at(-1)
  if (last?.kind === 'equal') {
    last.a1 = Math.min(last.a1, last.a0 + context)
    last.b1 = Math.min(last.b1, last.b0 + context)
  }
  const groups: Opcode[][] = []
  let group: Opcode[] = []
  for (const code of codes) {
    let { a0, b0 } = code
    const { kind, a1, b1 } = code
    if (kind === 'equal' && a1 - a0 > 2 * context) {
      group.push({ kind, a0, a1: Math.min(a1, a0 + context), b0, b1: Math.min(b1, b0 + context) })
      groups.push(group)
      group = []
      a0 = Math.max(a0, a1 - context)
      b0 = Math.max(b0, b1 - context)
    }
    group.push({ kind, a0, a1, b0, b1 })
  }
  if (group.length > 0 && !(group.length === 1 && group[0]?.kind === 'equal')) groups.push(group)
  return groups
}
