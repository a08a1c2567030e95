import { badRequest, expired } from './errors.ts'
import type { StatusError } from './status-error.ts'

/**
 * Where the next page of a list begins: the revision of the first page and the last key that was served, without the
 * prefix of the list. `rv` -1: at whatever revision is the latest, once the first page's is gone.
 */
export interface ContinueToken {
  readonly revision: number
  /** The first key that may follow. */
  readonly start: string
}

export function encodeContinue(revision: number, lastKey: string, prefix: string): string {
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${lastKey.slice(prefix.length)}\0` })
  return btoa(utf8(text)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** @throws StatusError 400 */
export function decodeContinue(token: string, prefix: string): ContinueToken {
  let parsed: { v?: unknown; rv?: unknown; start?: unknown }
  try {
    parsed = JSON.parse(fromUtf8(atob(token.replaceAll('-', '+').replaceAll('_', '/'))))
  } catch (error) {
    throw badRequest(`continue key is not valid: ${(error as Error).message}`)
  }
  if (typeof parsed !== 'object' || parsed === null || parsed.v !== 'meta.k8s.io/v1')
    throw badRequest(
      `continue key is not valid: server does not recognize this encoded version ${JSON.stringify(String(parsed?.v ?? ''))}`,
    )
  const { rv, start } = parsed
  if (typeof rv !== 'number' || rv === 0)
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '')
    throw badRequest('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)')
  // Never a key outside of the list.
  if (start.split('/').some((part) => part === '..' || part === '.'))
    throw badRequest(`continue key is not valid: ${start}`)
  return { revision: rv, start: prefix + start }
}

const utf8 = (text: string) => Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('')
const fromUtf8 = (text: string) => new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0)))

/** The page that the token asks for is gone; the new token inside goes on from the same key with the latest state. */
export function expiredContinue(lastStart: string, prefix: string): StatusError {
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: -1, start: lastStart.slice(prefix.length) })
  const token = btoa(utf8(text)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  )
  error.continueToken = token
  return error
}
