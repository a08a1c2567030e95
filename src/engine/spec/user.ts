import type { OciUser } from '../../linux/index.ts'
import { EngineError } from '../engine-error.ts'
import { readInRoot } from '../rootfs/scoped-path.ts'

const maxId = 2 ** 31 - 1

class UserError extends EngineError {
  constructor(message: string) {
    super('invalid', message)
  }
}

function numeric(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const id = Number(text)
  if (id < 0 || id > maxId) throw new UserError(`uids and gids must be in range 0-${maxId}`)
  return id
}

interface Group {
  name: string
  gid: number
  members: string[]
}

function lines(text: string | undefined): string[][] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
}

function groupsIn(text: string | undefined): Group[] {
  return lines(text).map(([name = '', , gid = '', members = '']) => ({
    name,
    gid: Number(gid) || 0,
    members: members.split(',').filter(Boolean),
  }))
}

export interface ResolvedUser extends OciUser {
  additionalGids: number[]
  home: string | undefined
}

/**
 * `user`, `uid`, `user:group`, `uid:gid` (any mixture, empty is root) looked up in the texts of /etc/passwd and
 * /etc/group. Supplementary groups come only with an implicit group, as in Docker.
 */
export function userFrom(
  spec: string,
  passwd: string | undefined,
  group: string | undefined,
  groupAdd: readonly string[] = [],
): ResolvedUser {
  const [userPart = '', groupPart = ''] = spec.split(':')
  const uid = numeric(userPart)
  const gid = numeric(groupPart)
  const entry = lines(passwd).find(([name, , id]) =>
    userPart === '' ? Number(id) === 0 : uid !== undefined ? Number(id) === uid : name === userPart,
  )
  if (!entry && userPart !== '' && uid === undefined) {
    throw new UserError(`unable to find user ${userPart}: no matching entries in passwd file`)
  }
  const groups = groupsIn(group)
  const user: ResolvedUser = {
    uid: entry ? Number(entry[2]) || 0 : (uid ?? 0),
    gid: entry ? Number(entry[3]) || 0 : 0,
    additionalGids: [],
    home: entry?.[5],
  }
  const supplementary: number[] = []
  if (groupPart !== '') {
    const found = groups.find((candidate) => (gid !== undefined ? candidate.gid === gid : candidate.name === groupPart))
    if (!found && gid === undefined) {
      throw new UserError(`unable to find group ${groupPart}: no matching entries in group file`)
    }
    user.gid = found?.gid ?? gid ?? 0
  } else if (entry) {
    for (const candidate of groups) if (candidate.members.includes(entry[0] ?? '')) supplementary.push(candidate.gid)
  }
  for (const added of groupAdd) {
    const id = numeric(added)
    const found = groups.find((candidate) => (id !== undefined ? candidate.gid === id : candidate.name === added))
    if (!found && id === undefined) {
      throw new UserError(`unable to find group ${added}: no matching entries in group file`)
    }
    supplementary.push(found?.gid ?? id ?? 0)
  }
  user.additionalGids = [...new Set([user.gid, ...supplementary])]
  return user
}

/** As `userFrom`, from a root file system; its symbolic links are followed inside it. */
export function resolveUser(spec: string, rootfs: string, groupAdd: readonly string[] = []): ResolvedUser {
  return userFrom(spec, readInRoot(rootfs, '/etc/passwd'), readInRoot(rootfs, '/etc/group'), groupAdd)
}
