import { closeSync, fdatasync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const datasync = promisify(fdatasync)
let serial = 0

/**
 * Whole or not at all, and there after a power cut once the promise resolves. Only the wait for the disk leaves the
 * main thread: the other calls take less time than a way there and back.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  serial += 1
  const temporary = `${path}.${process.pid}.${serial}.tmp`
  const file = openSync(temporary, 'w', 0o600)
  try {
    try {
      writeSync(file, text)
      await datasync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Every `*.json` record of a folder; temporary files of a killed process are removed. */
export async function readRecords<T>(folder: string): Promise<T[]> {
  const records: T[] = []
  for (const name of await readdir(folder)) {
    if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true })
    else if (name.endsWith('.json')) {
      const record = await readJson<T>(join(folder, name))
      if (record !== undefined) records.push(record)
    }
  }
  return records
}
