import { getSystemErrorMap, getSystemErrorName } from 'node:util'

/** A system call has failed. `code` is the errno's name, the message says which call on what. */
export class SystemError extends Error {
  override readonly name = 'SystemError'
  readonly code: string
  readonly errno: number
  readonly syscall: string

  constructor(syscall: string, errno: number, subject = '') {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [getSystemErrorName(-errno), `error ${errno}`]
    super(`${syscall}${subject === '' ? '' : ` ${subject}`}: ${text}`)
    this.code = code
    this.errno = errno
    this.syscall = syscall
  }
}
