import { badRequest } from '../http/docker-error.ts'

/** Reads `seconds[.nanoseconds]` since 1970; '' is undefined. `what` names the parameter in the refusal. */
export function readTimestamp(text: string, what: string): Date | undefined {
  if (text === '') return undefined
  const wrong = (why: string) =>
    badRequest(`invalid value for ${what}: invalid timestamp ${JSON.stringify(text)}: ${why}`)
  const [seconds = '', fraction] = splitOnce(text)
  if (!/^[+-]?\d+$/.test(seconds)) throw wrong(`invalid seconds ${JSON.stringify(seconds)}: invalid syntax`)
  if (!Number.isSafeInteger(Number(seconds) * 1000)) {
    throw wrong(`invalid seconds ${JSON.stringify(seconds)}: value out of range`)
  }
  if (fraction === undefined || fraction === '') return new Date(Number(seconds) * 1000)
  if (fraction.length > 20) throw wrong(`invalid nanoseconds: length ${fraction.length} exceeds maximum 20`)
  const stray = /[^0-9]/.exec(fraction)
  if (stray !== null) throw wrong(`invalid nanoseconds: invalid character '${stray[0]}' at position ${stray.index}`)
  return new Date(Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3)))
}

function splitOnce(text: string): [string, string | undefined] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)]
}
