import type { StartCause } from '../contract.ts'
import { EngineError } from '../engine-error.ts'

export interface StartFailure {
  error: EngineError
  exitCode: number
  cause: Pick<StartCause, 'stage' | 'subject' | 'reason'>
}

const head =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '

interface Diagnosis {
  sentence: string
  reason: StartCause['reason']
  stage: StartCause['stage']
  subject: string
  exitCode: number
}

/** crun's words → runc's, which clients know: the docker CLI makes its exit code of them. */
function diagnose(message: string, program: string): Diagnosis {
  const lower = message.toLowerCase()
  const quoted = JSON.stringify(program)
  const isPath = program.includes('/')
  const about = (sentence: string, reason: Diagnosis['reason'], exitCode: number): Diagnosis => ({
    sentence,
    reason,
    stage: 'program',
    subject: program,
    exitCode,
  })
  const cwd = /(?:chdir to|set in config.json|cwd|working directory)[^`'"]*[`'"]?([^`'":]*)/.exec(lower)
  if (lower.includes('executable file') && lower.includes('not found')) {
    return isPath
      ? about(`exec: ${quoted}: stat ${program}: no such file or directory`, 'not-found', 127)
      : about(`exec: ${quoted}: executable file not found in $PATH`, 'not-found', 127)
  }
  if (lower.includes('chdir') || lower.includes('mkdir cwd') || lower.includes('getcwd')) {
    const reason = lower.includes('permission denied') ? 'permission-denied' : 'not-found'
    return {
      sentence: `chdir to cwd ("${cwd?.[1]?.trim() || '/'}") set in config.json failed: ${reasonWords(lower)}`,
      reason,
      stage: 'runtime',
      subject: 'WORKDIR',
      exitCode: reason === 'permission-denied' ? 126 : 127,
    }
  }
  if (/\b(mount|bind)\b/.test(lower)) {
    const notFolder = lower.includes('not a directory')
    return {
      sentence: `error mounting ${message}`,
      reason: 'mount-failed',
      stage: 'volume',
      subject: /[`'"]([^`'"]+)[`'"]/.exec(message)?.[1] ?? '',
      exitCode: notFolder || lower.includes('no such file') ? 127 : 128,
    }
  }
  if (/\b(exec|open executable|execv|execve|executable)\b/.test(lower)) {
    // crun's words for a folder.
    if (lower.includes('is a directory') || lower.includes('operation not permitted'))
      return about(`exec: ${quoted}: is a directory`, 'is-a-directory', 126)
    if (lower.includes('permission denied'))
      return about(`exec: ${quoted}: permission denied`, 'permission-denied', 126)
    if (lower.includes('exec format')) return about(`exec ${program}: exec format error`, 'exec-format', 126)
    if (lower.includes('no such file')) {
      return isPath
        ? about(`exec: ${quoted}: stat ${program}: no such file or directory`, 'not-found', 127)
        : about(`exec: ${quoted}: executable file not found in $PATH`, 'not-found', 127)
    }
  }
  const denied = lower.includes('permission denied')
  return {
    sentence: message,
    reason: denied ? 'permission-denied' : 'other',
    stage: 'runtime',
    subject: '',
    exitCode: denied ? 126 : lower.includes('no such file or directory') ? 127 : 128,
  }
}

function reasonWords(lower: string): string {
  if (lower.includes('permission denied')) return 'permission denied'
  if (lower.includes('not a directory')) return 'not a directory'
  return 'no such file or directory'
}

/** Docker adds hints to what the runtime says, and the CLI looks for them. */
function hint(sentence: string, reason: StartCause['reason']): string {
  if (reason === 'is-a-directory') return `${sentence}: permission denied`
  if (sentence.toLowerCase().includes('not a directory')) {
    return `${sentence}: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`
  }
  return sentence
}

/** What a failed `create` or `start` of the runtime becomes. */
export function startFailure(error: unknown, program: string): StartFailure {
  const found = diagnose((error as Error).message, program)
  const kind = found.exitCode === 128 ? 'system' : 'invalid'
  return {
    error: new EngineError(kind, hint(`${head}${found.sentence}: unknown`, found.reason), { cause: error }),
    exitCode: found.exitCode,
    cause: { stage: found.stage, subject: found.subject, reason: found.reason },
  }
}

/** The same for an exec: `OCI runtime exec failed: …`. */
export function execFailure(error: unknown, program: string): { error: EngineError; exitCode: number } {
  const found = diagnose((error as Error).message, program)
  const sentence = hint(
    `OCI runtime exec failed: exec failed: unable to start container process: ${found.sentence}: unknown`,
    found.reason,
  )
  return {
    error: new EngineError('invalid', sentence, { cause: error }),
    exitCode: found.exitCode === 128 ? 126 : found.exitCode,
  }
}
