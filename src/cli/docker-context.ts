import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

// A docker context is a folder of docker's own configuration: contexts/meta/<sha256 of its name>/meta.json.

interface DockerConfig {
  currentContext?: string
  [other: string]: unknown
}

export function dockerConfigDir(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.DOCKER_CONFIG || join(homedir(), '.docker')
}

function contextDir(name: string): string {
  return join(dockerConfigDir(), 'contexts/meta', createHash('sha256').update(name).digest('hex'))
}

async function readConfig(): Promise<DockerConfig> {
  try {
    return JSON.parse(await readFile(join(dockerConfigDir(), 'config.json'), 'utf8')) as DockerConfig
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.${process.pid}`
  await writeFile(fresh, text, { mode })
  await rename(fresh, path)
}

async function writeConfig(config: DockerConfig): Promise<void> {
  await replaceFile(join(dockerConfigDir(), 'config.json'), `${JSON.stringify(config, null, '\t')}\n`, 0o600)
}

export interface ContextResult {
  /** The context that `docker` uses after this call. */
  current: string
}

/** Writes the context `name`; makes it current unless the user already uses another one. */
export async function writeDockerContext(name: string, host: string, makeCurrent: boolean): Promise<ContextResult> {
  const meta = {
    Name: name,
    Metadata: { Description: 'Manufacture' },
    Endpoints: { docker: { Host: host, SkipTLSVerify: false } },
  }
  await replaceFile(join(contextDir(name), 'meta.json'), JSON.stringify(meta), 0o644)
  if (process.env.DOCKER_HOST) return { current: process.env.DOCKER_HOST }
  const config = await readConfig()
  const current = config.currentContext ?? 'default'
  // A Docker that answers under its usual address is one that the user already uses.
  if (current !== 'default' || !makeCurrent || existsSync('/var/run/docker.sock')) return { current }
  await writeConfig({ ...config, currentContext: name })
  return { current: name }
}

export async function removeDockerContext(name: string): Promise<void> {
  await rm(contextDir(name), { recursive: true, force: true })
  const { currentContext, ...config } = await readConfig()
  if (currentContext === name) await writeConfig(config)
}
