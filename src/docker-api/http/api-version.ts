import { DockerError } from './docker-error.ts'

/** The newest version of the Docker Engine API that is spoken here. */
export const maxApiVersion = '1.56'
/** The oldest one. */
export const minApiVersion = '1.24'

/** A version of the API as one number that compares: 1.44 → 1044. */
export type ApiVersion = number

const newest = toNumber(maxApiVersion)
const oldest = toNumber(minApiVersion)

/** Missing parts count as zero, as in Docker's own comparison of versions. */
function toNumber(version: string): ApiVersion {
  const [major = '', minor = ''] = version.split('.')
  return Number(major || '0') * 1000 + Math.min(Number(minor || '0'), 999)
}

/** The version asked for in the path, or the newest where the path has none. */
export function negotiate(asked: string | undefined): ApiVersion {
  if (asked === undefined) return newest
  const version = toNumber(asked)
  if (version < oldest) {
    throw new DockerError(
      400,
      `client version ${asked} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`,
    )
  }
  if (version > newest) {
    throw new DockerError(400, `client version ${asked} is too new. Maximum supported API version is ${maxApiVersion}`)
  }
  return version
}

/** Clients older than 1.24 print the body of an error as it is: they get plain text. */
export const wantsPlainErrors = (asked: string | undefined) => asked !== undefined && toNumber(asked) < oldest
