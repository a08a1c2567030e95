import { badRequest } from '../http/docker-error.ts'
import { GoJson } from './go-json.ts'
import { jsonFault } from './go-json-syntax.ts'
import { requestTypes } from './request-body.ts'

/** Credentials for one registry. */
export type RegistryAuth = {
  username?: string
  password?: string
  auth?: string
  serveraddress?: string
  identitytoken?: string
  registrytoken?: string
}

const decoder = new GoJson(requestTypes.structs)

/**
 * Reads X-Registry-Auth (JSON in base64url). Docker ignores a broken header for pull, push, search and distribution:
 * not to give credentials is no error there.
 */
export function readRegistryAuth(header: string): RegistryAuth {
  return ignoringFaults(header, (value) => readAuth(value)) ?? {}
}

/** Reads X-Registry-Config: registry address → credentials. */
export function readRegistryConfig(header: string): Record<string, RegistryAuth> {
  const read = ignoringFaults(header, (value) => {
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).map(([address, auth]) => [address, readAuth(auth)]))
  })
  return read ?? {}
}

/** Reads the body of POST /auth. */
export function readAuthBody(text: string): RegistryAuth {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const fault = jsonFault(text)
    const sentence = fault.startsWith('got EOF') ? 'EOF' : fault
    if (sentence === 'unexpected content after JSON') throw authFault('multiple JSON documents not allowed')
    throw authFault(`invalid JSON: ${sentence}`)
  }
  return readAuth(value)
}

const authFault = (why: string) => badRequest(`invalid X-Registry-Auth header: ${why}`)

const readAuth = (value: unknown) => (decoder.decode('registry.AuthConfig', value) ?? {}) as RegistryAuth

/** Undefined where the header is absent or broken. */
function ignoringFaults<T>(header: string, read: (value: unknown) => T): T | undefined {
  if (header === '') return undefined
  try {
    return read(JSON.parse(Buffer.from(header, 'base64url').toString()))
  } catch {
    return undefined
  }
}
