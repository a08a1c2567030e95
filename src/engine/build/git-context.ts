import { spawn } from 'node:child_process'
import { access, mkdir, rm } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { packTree } from '../../oci/index.ts'
import { BuildError } from './build-error.ts'

/** As Docker tells a git repository from a file at an address. */
export function isGitAddress(address: string): boolean {
  if (/^https?:\/\//.test(address)) return /\.git(#.*)?$/.test(address)
  return /^(git:\/\/|git@|github\.com\/|ssh:\/\/)/.test(address)
}

async function gitProgram(): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(':').filter(Boolean)) {
    const path = join(folder, 'git')
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  throw new BuildError('unable to find \'git\': exec: "git": executable file not found in $PATH', { status: 400 })
}

async function run(program: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<void> {
  const child = spawn(program, args, {
    cwd,
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_PROTOCOL_FROM_USER: '0' },
  })
  const words: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new BuildError(`error fetching: ${Buffer.concat(words).toString('utf8').trim()}: exit status ${code}`, {
      status: 400,
    })
}

export interface Repository {
  readonly root: string
  /** What the address names in it: `/`, or the folder behind `#branch:`. */
  readonly folder: string
}

/** `https://host/repository.git#branch:folder`: one commit, checked out below `scratch`. */
export async function cloneRepository(
  address: string,
  scratch: string,
  options: { readonly keepGitDir: boolean; readonly signal: AbortSignal },
): Promise<Repository> {
  const { signal } = options
  const git = await gitProgram()
  const hash = address.indexOf('#')
  const repository = hash < 0 ? address : address.slice(0, hash)
  const [ref = '', folder = ''] = hash < 0 ? [] : address.slice(hash + 1).split(':')
  const remote = repository.startsWith('github.com/') ? `https://${repository}` : repository
  if (ref.startsWith('-') || remote.startsWith('-'))
    throw new BuildError(`invalid refspec: ${ref || remote}`, { status: 400 })
  const root = join(scratch, 'repository')
  await mkdir(root, { recursive: true, mode: 0o755 })
  await run(git, ['init', '--quiet', '.'], root, signal)
  await run(git, ['fetch', '--quiet', '--depth', '1', '--', remote, ref || 'HEAD'], root, signal)
  await run(git, ['checkout', '--quiet', 'FETCH_HEAD'], root, signal)
  await run(git, ['submodule', '--quiet', 'update', '--init', '--recursive', '--depth', '1'], root, signal)
  if (!options.keepGitDir) await rm(join(root, '.git'), { recursive: true, force: true })
  return { root, folder: posix.resolve('/', folder) }
}

/** A build context out of a repository. */
export async function cloneContext(
  address: string,
  scratch: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { root, folder } = await cloneRepository(address, scratch, { keepGitDir: false, signal })
  return packTree(root, { path: folder, rename: '' })
}
