import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

const pollMs = 100

/**
 * A lock between processes that the kernel drops when its holder dies: SQLite's own lock on an empty database file, which
 * works wherever files can be locked, without a helper process.
 */
export class FileLock implements Disposable {
  readonly #db: DatabaseSync

  private constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** undefined: somebody else holds it. */
  static tryAcquire(file: string): FileLock | undefined {
    const db = new DatabaseSync(file, { timeout: 0 })
    try {
      db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
      return new FileLock(db)
    } catch (error) {
      db.close()
      if (error instanceof Error && /database is locked/.test(error.message)) return undefined
      throw error
    }
  }

  /** Waits for its turn. `onWait` is called once, if it has to. */
  static async acquire(file: string, options: { signal?: AbortSignal; onWait?: () => void } = {}): Promise<FileLock> {
    let told = false
    for (;;) {
      options.signal?.throwIfAborted()
      const lock = FileLock.tryAcquire(file)
      if (lock) return lock
      if (!told) options.onWait?.()
      told = true
      await delay(pollMs, undefined, options.signal ? { signal: options.signal } : {})
    }
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }
}
