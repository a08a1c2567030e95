import { describe, expect, it } from 'vitest'
import { parseMode } from './file-mode.ts'

describe('parseMode', () => {
  it.each([
    ['755', 0o600, false, 0o755],
    ['4755', 0o600, false, 0o4755],
    ['u+x', 0o644, false, 0o744],
    ['a=r', 0o777, false, 0o444],
    ['go-rwx', 0o777, false, 0o700],
    ['u=rwx,g=rX,o=', 0o644, true, 0o750],
    ['u=rwx,g=rX,o=', 0o600, false, 0o750],
    ['+X', 0o644, false, 0o644],
    ['+X', 0o644, true, 0o755],
    ['g=u', 0o640, false, 0o660],
    ['u+s,+t', 0o755, false, 0o5755],
  ])('%s of %i is right', (text, mode, directory, result) => {
    expect(parseMode(text)(mode, directory).toString(8)).toBe(result.toString(8))
  })

  it.each(['8', '17777', '9x', 'u~x', ''])('refuses %j in Docker’s words', (text) => {
    expect(() => parseMode(text)).toThrow(
      `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
    )
  })
})
