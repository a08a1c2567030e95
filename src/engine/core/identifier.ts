import { randomBytes } from 'node:crypto'

/** 64 hexadecimal digits. Its first twelve are never all digits: a hostname of digits only upsets programs. */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (!/^\d+$/.test(id.slice(0, 12))) return id
  }
}

export const shortId = (id: string) => id.slice(0, 12)
