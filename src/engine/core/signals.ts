import { constants } from 'node:os'
import { invalid } from '../engine-error.ts'

// glibc's names that Node's table lacks.
const extra: Record<string, number> = { SIGCLD: 17, SIGPOLL: 29 }
const rtMin = 34
const rtMax = 64

function real(name: string): number | undefined {
  const match = /^SIGRT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name)
  if (!match) return undefined
  const offset = Number(match[3] ?? 0) * (match[2] === '-' ? -1 : 1)
  const number = (match[1] === 'MIN' ? rtMin : rtMax) + offset
  return number >= rtMin && number <= rtMax ? number : undefined
}

/** `SIGTERM`, `term`, `15` → 15. */
export function parseSignal(text: string): number {
  if (/^-?\d+$/.test(text)) {
    const number = Number(text)
    if (number <= 0 || number > rtMax) throw invalid(`invalid signal: ${text}`)
    return number
  }
  const upper = text.toUpperCase()
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`
  const number = (constants.signals as Record<string, number>)[name] ?? extra[name] ?? real(name)
  if (number === undefined) throw invalid(`invalid signal: ${text}`)
  return number
}
