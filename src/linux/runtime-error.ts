import type { RuntimeFailure } from './contract.ts'

/** crun's own texts for the errno that matter to the caller (strerror, at the end of its sentence). */
const codes: Record<string, string> = {
  'No such file or directory': 'ENOENT',
  'Permission denied': 'EACCES',
  'Operation not permitted': 'EPERM',
  'Exec format error': 'ENOEXEC',
  'Not a directory': 'ENOTDIR',
  'Is a directory': 'EISDIR',
  'No space left on device': 'ENOSPC',
  'Device or resource busy': 'EBUSY',
  'Invalid argument': 'EINVAL',
  'Cannot allocate memory': 'ENOMEM',
}

export class RuntimeError extends Error implements RuntimeFailure {
  override readonly name = 'RuntimeError'
  readonly operation: string
  readonly code?: string

  constructor(operation: string, message: string) {
    super(message)
    this.operation = operation
    const code = Object.entries(codes).find(([text]) => message.endsWith(text))?.[1]
    if (code !== undefined) this.code = code
  }

  /** From what crun or conmon has printed: without the time, the level and the program's name before the sentence. */
  static from(operation: string, output: string): RuntimeError {
    const lines = output.split('\n').map((line) =>
      line
        .replace(/^\d{4}-\d\d-\d\dT\S+ /, '')
        .replace(/^(\[conmon:[a-z]\]: |conmon:? |crun:? |error:? |<error> |<nwarn>:? )+/i, '')
        .trim(),
    )
    return new RuntimeError(operation, lines.filter((line) => line !== '').join('; ') || `${operation} failed`)
  }
}
