import { BuildError } from './build-error.ts'

/** `--chmod`: bits for every member, or a change of each member's own. */
export type ModeChange = (mode: number, directory: boolean) => number

const clause = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/
const wideOf: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111 }
const classOf: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007 }
const shiftOf: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }

/** Octal (`755`) or symbolic (`u+x,g=rX`). Throws a BuildError in Docker's sentence. */
export function parseMode(text: string): ModeChange {
  const invalid = () =>
    new BuildError(`invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`, {
      status: 400,
    })
  if (/^\d+$/.test(text)) {
    const bits = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
    if (!(bits <= 0o7777)) throw invalid()
    return () => bits
  }
  const changes = text.split(',').map((part) => {
    const match = clause.exec(part)
    if (!match) throw invalid()
    const who = match[1] === '' || match[1]?.includes('a') ? 'ugo' : (match[1] ?? 'ugo')
    return [...(match[2] ?? '').matchAll(/([-+=])([ugo]|[rwxXst]*)/g)].map(
      ([, operator = '', permissions = '']): ModeChange =>
        (mode, directory) =>
          apply(mode, directory, who, operator, permissions),
    )
  })
  return (mode, directory) => changes.flat().reduce((now, change) => change(now, directory), mode)
}

function apply(mode: number, directory: boolean, who: string, operator: string, permissions: string): number {
  let classes = 0
  for (const one of who) classes |= classOf[one] ?? 0
  let bits = 0
  const copied = /^[ugo]$/.test(permissions) ? ((mode >> (shiftOf[permissions] ?? 0)) & 7) * 0o111 : undefined
  if (copied !== undefined) bits = copied & classes
  else
    for (const permission of permissions) {
      if (permission === 'X') bits |= directory || (mode & 0o111) !== 0 ? 0o111 & classes : 0
      else if (permission === 's') bits |= 0o6000 & classes
      else if (permission === 't') bits |= 0o1000
      else bits |= (wideOf[permission] ?? 0) & classes
    }
  if (operator === '+') return mode | bits
  if (operator === '-') return mode & ~bits
  return (mode & ~classes) | bits
}
