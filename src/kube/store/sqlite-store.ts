import { close as closeFile, fdatasync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { CommitQueue, remove } from './commit-queue.ts'
import { defaultHistory, type Entry, type HistoryLimits, type Store, type StoreEvent } from './contract.ts'
import { History } from './history.ts'
import { LocalStore } from './local-store.ts'

export interface SqliteStoreOptions {
  /** The database file; made if absent. */
  readonly path: string
  readonly limits?: HistoryLimits
}

// One row per write, as kine has it. `previous` is the revision that the row supersedes, 0 for none.
const schema = `
  CREATE TABLE IF NOT EXISTS writes (
    revision INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    revision_at INTEGER NOT NULL,
    bytes BLOB
  );
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  INSERT OR IGNORE INTO facts VALUES ('layout', 1), ('compacted', 1);
`

/** How far compaction in memory may run ahead of the file, in revisions. */
const compactEvery = 1_000

/**
 * Keeps everything in memory and every write in a SQLite file: durable before it is acknowledged.
 *
 * With `synchronous = FULL` SQLite waits for the disk at each commit, and everybody would wait with it. `NORMAL` leaves
 * out just that wait (in WAL mode it still orders what a checkpoint needs), and the log is synced here, on another
 * thread, before anybody hears of the write: the same promise, kept without standing still.
 */
export function openSqliteStore({ path, limits = defaultHistory }: SqliteStoreOptions): Store {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;')
  database.exec(schema)
  checkLayout(database, path)
  const history = load(database, limits)
  const persist = persistTo(database)
  const log = new WriteAheadLog(`${path}-wal`)
  let compactedInFile = fact(database, 'compacted')
  const compactFile = (revision: number) => {
    if (revision <= compactedInFile) return
    compactRows(database, compactedInFile, revision)
    compactedInFile = revision
  }
  const queue = new CommitQueue(
    history,
    (events) => {
      persist(events)
      const durable = log.sync()
      if (history.compacted - compactedInFile > compactEvery) setImmediate(compactIfOpen)
      return durable
    },
    setImmediate,
  )
  let open = true
  const compactIfOpen = () => {
    if (open) compactFile(history.compacted)
  }
  return new LocalStore(history, queue, {
    compacted: compactFile,
    closed() {
      open = false
      compactFile(history.compacted)
      log.close()
      database.close()
    },
  })
}

/** SQLite's log of commits. It stays the same file until the database is closed. */
class WriteAheadLog {
  readonly #path: string
  #file: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  sync(): Promise<void> {
    this.#file ??= openSync(this.#path, 'r')
    const file = this.#file
    return new Promise((resolve, reject) => {
      fdatasync(file, (error) => (error ? reject(error) : resolve()))
    })
  }

  close(): void {
    if (this.#file !== undefined) closeFile(this.#file)
  }
}

function checkLayout(database: DatabaseSync, path: string): void {
  const layout = fact(database, 'layout')
  if (layout !== 1) throw new Error(`Cannot open the store: ${path} has layout ${layout}, this version knows layout 1`)
}

function fact(database: DatabaseSync, name: string): number {
  return Number(database.prepare('SELECT value FROM facts WHERE name = ?').get(name)?.value)
}

function persistTo(database: DatabaseSync): (events: readonly StoreEvent[]) => void {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')
  const insert = database.prepare('INSERT INTO writes VALUES (?, ?, ?, ?, ?, ?, ?)')
  return (events) => {
    begin.run()
    try {
      for (const { type, entry, previous } of events) {
        const deleted = type === 'delete'
        const bytes = deleted ? null : entry.bytes
        const before = previous?.revision ?? 0
        insert.run(entry.revision, entry.key, entry.createRevision, before, deleted ? 1 : 0, entry.revisionAt, bytes)
      }
      commit.run()
    } catch (error) {
      if (database.isTransaction) rollback.run()
      throw error
    }
  }
}

function load(database: DatabaseSync, limits: HistoryLimits): History {
  const compacted = fact(database, 'compacted')
  const history = new History(limits, compacted)
  for (const row of database.prepare('SELECT * FROM writes ORDER BY revision').iterate()) {
    const key = String(row.key)
    const revision = Number(row.revision)
    const current = history.current(key)
    if (row.deleted) {
      // A deletion of before the compaction has nothing left to delete, and nothing to tell.
      if (current && revision > compacted) history.apply([remove(current, revision)])
      continue
    }
    const entry: Entry = {
      key,
      bytes: row.bytes as Uint8Array,
      revisionAt: Number(row.revision_at),
      createRevision: Number(row.created),
      revision,
      memo: undefined,
    }
    if (revision <= compacted) history.load(entry)
    else history.apply([{ type: 'put', entry, previous: current }])
  }
  return history
}

function compactRows(database: DatabaseSync, from: number, to: number): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database
      .prepare(
        'DELETE FROM writes WHERE revision IN (SELECT previous FROM writes WHERE revision > ? AND revision <= ? AND previous > 0)',
      )
      .run(from, to)
    database.prepare('DELETE FROM writes WHERE deleted = 1 AND revision > ? AND revision <= ?').run(from, to)
    database.prepare("UPDATE facts SET value = ? WHERE name = 'compacted'").run(to)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
