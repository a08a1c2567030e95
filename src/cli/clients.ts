import { execFile } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Instance } from '../daemon/index.ts'
import { dockerConfigDir } from './docker-context.ts'
import { say } from './messages/language.ts'
import { remark, withProgress } from './output.ts'

// The user's own docker and kubectl come first. Who has none gets Debian's, unpacked below the state folder: nothing is
// installed, and apt checks the archive's signature as for any package.

const run = promisify(execFile)

interface Client {
  name: string
  /** Its place below the folder where packages are unpacked. */
  file: string
  /** Package names by preference; a later Debian has what an older one lacks. */
  packages: readonly string[]
  suite: string
  present(): Promise<boolean>
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

async function anyExists(paths: readonly string[]): Promise<boolean> {
  return (await Promise.all(paths.map(exists))).includes(true)
}

function onPath(program: string): Promise<boolean> {
  return anyExists((process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program)))
}

/** Where the docker command looks for its plugins. */
function dockerPlugin(name: string): Promise<boolean> {
  const folders = [
    join(dockerConfigDir(), 'cli-plugins'),
    '/usr/local/lib/docker/cli-plugins',
    '/usr/local/libexec/docker/cli-plugins',
    '/usr/lib/docker/cli-plugins',
    '/usr/libexec/docker/cli-plugins',
  ]
  return anyExists(folders.map((folder) => join(folder, name)))
}

const clients: readonly Client[] = [
  {
    name: 'docker',
    file: 'usr/bin/docker',
    packages: ['docker-cli', 'docker.io'],
    suite: 'trixie',
    present: () => onPath('docker'),
  },
  {
    name: 'docker compose',
    file: 'usr/libexec/docker/cli-plugins/docker-compose',
    packages: ['docker-compose-v2', 'docker-compose'],
    suite: 'trixie',
    present: () => dockerPlugin('docker-compose'),
  },
  {
    name: 'kubectl',
    file: 'usr/bin/kubectl',
    packages: ['kubectl', 'kubernetes-client'],
    suite: 'forky',
    present: () => onPath('kubectl'),
  },
]

const unpacked = (instance: Instance) => join(instance.clientsDir, 'root')

async function missingClients(instance: Instance): Promise<Client[]> {
  const missing: Client[] = []
  for (const client of clients) {
    if (await exists(join(unpacked(instance), client.file))) continue
    if (!(await client.present())) missing.push(client)
  }
  return missing
}

/** The machine's own Debian archive, as apt is configured; undefined where it is no Debian. */
async function debianArchive(): Promise<string | undefined> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages'])
  const line = stdout.split('\n').find((target) => target.startsWith('Debian ') && !target.includes('security'))
  return line?.slice('Debian '.length).trim()
}

/** An apt with folders of its own, so that the machine's lists and locks are not touched. */
async function privateApt(folder: string, archive: string, suite: string): Promise<string[]> {
  await mkdir(join(folder, 'lists/lists/partial'), { recursive: true })
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true })
  const sources = join(folder, 'sources.list')
  await writeFile(sources, `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${archive} ${suite} main\n`)
  return [
    '-o',
    `Dir::Etc::sourcelist=${sources}`,
    '-o',
    'Dir::Etc::sourceparts=-',
    '-o',
    `Dir::State=${join(folder, 'lists')}`,
    '-o',
    `Dir::Cache=${join(folder, 'cache')}`,
    '-o',
    'Acquire::Languages=none',
    '-o',
    'APT::Sandbox::User=root',
  ]
}

async function download(folder: string, client: Client, archive: string | undefined): Promise<string> {
  const errors: string[] = []
  const attempts: string[][] = [[]]
  if (archive) {
    const own = await privateApt(join(folder, client.suite), archive, client.suite)
    await run('apt-get', [...own, 'update'])
    attempts.unshift(own)
  }
  for (const options of attempts) {
    for (const name of client.packages) {
      try {
        await run('apt-get', [...options, 'download', name], { cwd: folder })
        const file = (await readdir(folder)).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'))
        if (file) return join(folder, file)
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  throw new Error(errors.at(-1)?.trim().split('\n').at(-1) ?? client.name)
}

async function unpack(instance: Instance, missing: readonly Client[]): Promise<void> {
  await mkdir(instance.clientsDir, { recursive: true })
  const folder = await mkdtemp(join(instance.clientsDir, '.download-'))
  try {
    const archive = await debianArchive()
    for (const client of missing) {
      const package_ = await download(folder, client, archive)
      const tree = join(folder, 'tree')
      await run('dpkg-deb', ['-x', package_, tree])
      const target = join(unpacked(instance), client.file)
      await mkdir(join(target, '..'), { recursive: true })
      await rename(join(tree, client.file), target)
      await rm(tree, { recursive: true })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const composePlugin = (instance: Instance) => join(unpacked(instance), 'usr/libexec/docker/cli-plugins/docker-compose')
const userPlugin = () => join(dockerConfigDir(), 'cli-plugins/docker-compose')

async function linkComposePlugin(instance: Instance): Promise<void> {
  if (!(await exists(composePlugin(instance))) || (await lstat(userPlugin()).catch(() => undefined))) return
  await mkdir(join(userPlugin(), '..'), { recursive: true, mode: 0o700 })
  await symlink(composePlugin(instance), userPlugin())
}

/** Brings the clients that the user lacks. A machine that cannot have them still gets its engine: that is a remark. */
export async function bringClients(instance: Instance): Promise<void> {
  const missing = await missingClients(instance)
  if (missing.length > 0) {
    try {
      const names = missing.map((client) => client.name).join(', ')
      await withProgress(say.clients(names), () => unpack(instance, missing))
    } catch (error) {
      remark(say.clientsFailed(error instanceof Error ? error.message : String(error)))
    }
  }
  await linkComposePlugin(instance)
}

/** Takes the plugin's link out of the user's docker configuration, where it is ours. */
export async function removeClientLinks(instance: Instance): Promise<void> {
  const target = await readlink(userPlugin()).catch(() => undefined)
  if (target === composePlugin(instance)) await rm(userPlugin())
}

/** PATH with the unpacked clients behind the user's own. */
export function clientsPath(instance: Instance): string {
  return [process.env.PATH ?? '', join(unpacked(instance), 'usr/bin')].join(delimiter)
}
