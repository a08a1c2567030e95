import { access, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { TransferError } from '../client/transfer-error.ts'
import type { LibraryOptions } from '../contract.ts'
import { type AptSource, readAptSources } from './apt-sources.ts'

/** A Debian archive and the keys that sign it. */
export interface Archive {
  readonly uri: string
  /** of the security updates, where the machine has them configured */
  readonly securityUri?: string
  /** file of keys; absent: apt's own trusted keys */
  readonly keyring?: string
}

const defaultKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** Names under which Debian's archive publishes: how a Debian source is told from another one. */
const debianSuite =
  /^(?:bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)(\/updates|-[a-z-]+)?$/
const reachTimeoutMs = 10_000

/** The machine's own archive, or the one that the user gave. @throws TransferError when there is none */
export async function findArchive(
  { archive, keyring, aptDir = '/etc/apt' }: LibraryOptions,
  workDir: string,
): Promise<Archive> {
  const given = archive ?? process.env.MANUFACTURE_DEBIAN_ARCHIVE
  const keys = keyring ?? process.env.MANUFACTURE_DEBIAN_KEYRING
  if (given !== undefined) return withKeys({ uri: given.replace(/\/$/, '') }, keys ?? (await ifFile(defaultKeyring)))
  const sources = (await readAptSources(aptDir)).filter(isDebian)
  const main = sources.find((source) => source.suites.some((suite) => !isSecurity(suite)))
  if (!main) {
    const text = `no Debian archive is configured in ${aptDir}: name one in MANUFACTURE_DEBIAN_ARCHIVE, and the file of its keys in MANUFACTURE_DEBIAN_KEYRING`
    throw new TransferError('system', text)
  }
  const security = sources.find((source) => source.suites.some(isSecurity))
  const found = {
    uri: main.uri.replace(/\/$/, ''),
    ...(security ? { securityUri: security.uri.replace(/\/$/, '') } : {}),
  }
  return withKeys(found, keys ?? (await keyringOf(main, workDir)) ?? (await ifFile(defaultKeyring)))
}

function withKeys(archive: Archive, keyring: string | undefined): Archive {
  return keyring === undefined ? archive : { ...archive, keyring }
}

function isDebian({ uri, suites, components }: AptSource): boolean {
  return /^https?:/.test(uri) && components.includes('main') && suites.some((suite) => debianSuite.test(suite))
}

function isSecurity(suite: string): boolean {
  return /(-security|\/updates)$/.test(suite)
}

/** deb822 may carry the keys themselves. */
async function keyringOf({ signedBy }: AptSource, workDir: string): Promise<string | undefined> {
  if (signedBy === undefined || signedBy.startsWith('/')) return signedBy?.split(/[\s,]/, 1)[0]
  if (!signedBy.includes('BEGIN PGP')) return undefined
  const file = join(workDir, 'manufacture-archive-keyring.asc')
  await writeFile(file, `${signedBy}\n`)
  return file
}

async function ifFile(path: string): Promise<string | undefined> {
  return access(path).then(
    () => path,
    () => undefined,
  )
}

/** Lines for sources.list: the suite, and its updates and security updates where the archive has them. */
export async function sourceLines(
  { uri, securityUri, keyring }: Archive,
  suite: string,
  { updates, signal }: { updates: boolean; signal?: AbortSignal },
): Promise<string[]> {
  const option = keyring === undefined ? '' : `[signed-by=${keyring}] `
  const line = (base: string, name: string) => `deb ${option}${base} ${name} main`
  const security = securityUri ? [[securityUri, `${suite}-security`] as const] : []
  const optional = updates ? [[uri, `${suite}-updates`] as const, ...security] : []
  const there = await Promise.all(optional.map(([base, name]) => isPublished(base, name, signal)))
  return [line(uri, suite), ...optional.filter((_, index) => there[index]).map(([base, name]) => line(base, name))]
}

/** Whether the archive has the suite. Only a choice: apt checks the signature afterwards. */
function isPublished(base: string, suite: string, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const url = new URL(`${base}/dists/${suite}/InRelease`)
    const client = url.protocol === 'https:' ? https : http
    const agent = new client.Agent({ proxyEnv: process.env })
    const request = client.request(url, {
      method: 'HEAD',
      agent,
      timeout: reachTimeoutMs,
      ...(signal ? { signal } : {}),
    })
    const end = (published: boolean) => {
      request.destroy()
      agent.destroy()
      resolve(published)
    }
    request.once('response', (response) => end(response.statusCode === 200))
    request.once('timeout', () => end(false))
    request.once('error', () => end(false))
    request.end()
  })
}
