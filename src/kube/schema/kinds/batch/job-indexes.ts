import { goQuote } from '../../validation/field-error.ts'

/** How many indexes `1,3-5` names, below `completions`; or the sentence of what is wrong with it. */
export function indexesOf(text: string, completions: number): number | string {
  if (text === '') return 0
  let last = -1
  let total = 0
  for (const part of text.split(',')) {
    const interval = intervalOf(part, completions)
    if (typeof interval === 'string') return interval
    const [from, to] = interval
    if (last >= from) return `non-increasing order, previous: ${last}, current: ${from}`
    total += to - from + 1
    last = to
  }
  return total
}

export function intervalOf(part: string, completions: number): [from: number, to: number] | string {
  const limits = part.split('-')
  if (limits.length > 2) {
    return `the fragment ${goQuote(part)} violates the requirement that an index interval can have at most two parts separated by '-'`
  }
  const numbers: number[] = []
  for (const limit of limits) {
    if (!/^\d+$/.test(limit)) return `cannot convert string to integer for index: ${goQuote(limit)}`
    if (Number(limit) >= completions) return `too large index: ${goQuote(limit)}`
    numbers.push(Number(limit))
  }
  const [from = 0, to] = numbers
  if (to === undefined) return [from, from]
  return from >= to ? `non-increasing order, previous: ${from}, current: ${to}` : [from, to]
}
