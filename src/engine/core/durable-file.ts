import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

let serial = 0

/** Whole or not at all, and there after a power cut once the promise resolves. */
export async function writeDurably(path: string, text: string): Promise<void> {
  serial += 1
  const temporary = `${path}.${process.pid}.${serial}.tmp`
  try {
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
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
