import type { Credentials } from '../../engine/index.ts'
import type { RegistryAuth } from './registry-auth.ts'

/** What a client sends as credentials, in the engine's terms; undefined where it sends none. */
export function credentials(auth: RegistryAuth): Credentials | undefined {
  const [user, password] = fromBasic(auth.auth)
  const given: [keyof Credentials, string | undefined][] = [
    ['username', auth.username || user],
    ['password', auth.password || password],
    ['identityToken', auth.identitytoken],
    ['registryToken', auth.registrytoken],
    ['serverAddress', auth.serveraddress],
  ]
  const present = given.filter(([, value]) => value !== undefined && value !== '')
  return present.length === 0 ? undefined : Object.fromEntries(present)
}

/** `auth` is `user:password` in base64, as the client's configuration file has it. */
function fromBasic(auth: string | undefined): [string?, string?] {
  if (auth === undefined || auth === '') return []
  const text = Buffer.from(auth, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? [] : [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')]
}
