import { readFile } from 'node:fs/promises'
import { resolveInRoot } from '../../oci/index.ts'
import { BuildError } from './build-error.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** `--chown`: names are looked up in the image that is built. Throws a BuildError in Docker's sentences. */
export async function resolveOwner(text: string, root: string): Promise<Owner> {
  const parts = text.split(':')
  if (parts.length > 2) throw failure(`invalid chown string format: ${text}`)
  const [user = '', group] = parts
  const uid = await lookUp(user, root, 'passwd')
  if (uid === undefined) throw failure(`can't find uid for user ${user}: no such user: ${user}`)
  // "Providing a username without groupname or a UID without GID will use the same numeric UID as the GID."
  if (group === undefined) return { uid, gid: (await lookUp(user, root, 'group')) ?? uid }
  const gid = await lookUp(group, root, 'group')
  if (gid === undefined) throw failure(`can't find gid for group ${group}: no such group: ${group}`)
  return { uid, gid }
}

function failure(reason: string): BuildError {
  return new BuildError(`unable to convert uid/gid chown string to host mapping: ${reason}`, { status: 400 })
}

async function lookUp(name: string, root: string, file: 'passwd' | 'group'): Promise<number | undefined> {
  if (name === '') return 0
  if (/^\d+$/.test(name)) return Number(name)
  const text = await readIn(root, `/etc/${file}`)
  const line = text.split('\n').find((entry) => entry.split(':', 1)[0] === name)
  const id = line?.split(':')[2]
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined
}

async function readIn(root: string, path: string): Promise<string> {
  try {
    return await readFile(await resolveInRoot(root, path, { followLast: true }), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return ''
    throw error
  }
}
