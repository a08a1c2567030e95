import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Registry } from '../registry/index.ts'
import type { Instance } from './instance.ts'

const usualPort = 5001

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

/** The port of last time, so that image names with it stay true over a restart; else the usual one, else any. */
export async function listenWhereImagesExpect(
  registry: Registry,
  instance: Instance,
  asked: number | undefined,
): Promise<number> {
  if (asked !== undefined && asked !== 0) return await registry.listen(asked)
  const file = join(instance.stateDir, 'registry-port')
  const remembered = Number(await readFile(file, 'utf8').catch(() => '0'))
  const candidates = [...(remembered > 0 ? [remembered] : []), ...(asked === 0 ? [] : [usualPort]), 0]
  for (const candidate of candidates) {
    try {
      const port = await registry.listen(candidate)
      if (port !== remembered) await writeFile(file, `${port}\n`)
      return port
    } catch (error) {
      if (!isBusy(error)) throw error
    }
  }
  throw new Error('Cannot listen for the registry: no port is free')
}
