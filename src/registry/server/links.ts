import { DatabaseSync } from 'node:sqlite'
import type { Descriptor, Digest, DigestAlgorithm } from '../../oci/index.ts'

/** A manifest as a repository has it. */
export interface LinkedManifest {
  readonly digest: Digest
  /** the `Content-Type` that it was pushed with */
  readonly mediaType: string
  /** bytes */
  readonly size: number
  readonly subject?: Digest
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface UploadSession {
  readonly id: string
  readonly repository: string
  readonly algorithm: DigestAlgorithm
  readonly startedAt: Date
}

export interface Page {
  readonly after?: string
  readonly limit: number
}

const schema = `
  CREATE TABLE IF NOT EXISTS repository (name TEXT PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS blob (
    repository TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (repository, digest)) STRICT;
  CREATE INDEX IF NOT EXISTS blob_digest ON blob (digest);
  CREATE TABLE IF NOT EXISTS manifest (
    repository TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    subject TEXT, artifact_type TEXT, annotations TEXT, PRIMARY KEY (repository, digest)) STRICT;
  CREATE INDEX IF NOT EXISTS manifest_subject ON manifest (repository, subject, digest) WHERE subject IS NOT NULL;
  CREATE TABLE IF NOT EXISTS tag (
    repository TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (repository, name)) STRICT;
  CREATE INDEX IF NOT EXISTS tag_digest ON tag (repository, digest);
  CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY, repository TEXT NOT NULL, algorithm TEXT NOT NULL, started_at INTEGER NOT NULL) STRICT;
  PRAGMA user_version = 1;
`

/**
 * What each repository links to. The bytes are in the content store; here is who may see them and under which name.
 * Every change is one transaction, durable when the method returns.
 */
export class Links implements Disposable {
  readonly #db: DatabaseSync

  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;')
    this.#db.exec(schema)
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  hasRepository(name: string): boolean {
    return this.#one('SELECT 1 FROM repository WHERE name = ?', name) !== undefined
  }

  repositories({ after = '', limit }: Page): string[] {
    return this.#all('SELECT name FROM repository WHERE name > ? ORDER BY name LIMIT ?', after, limit).map((row) =>
      String(row.name),
    )
  }

  hasBlob(repository: string, digest: Digest): boolean {
    return this.#one('SELECT 1 FROM blob WHERE repository = ? AND digest = ?', repository, digest) !== undefined
  }

  /** A repository that has the blob, whichever. */
  blobAnywhere(digest: Digest): boolean {
    return this.#one('SELECT 1 FROM blob WHERE digest = ? LIMIT 1', digest) !== undefined
  }

  /** The upload session that brought it, if one did, ends in the same transaction. */
  linkBlob(repository: string, digest: Digest, uploadId?: string): void {
    this.#transaction(() => {
      this.#run('INSERT OR IGNORE INTO repository VALUES (?)', repository)
      this.#run('INSERT OR IGNORE INTO blob VALUES (?, ?)', repository, digest)
      if (uploadId !== undefined) this.#run('DELETE FROM upload WHERE id = ?', uploadId)
    })
  }

  unlinkBlob(repository: string, digest: Digest): boolean {
    return this.#run('DELETE FROM blob WHERE repository = ? AND digest = ?', repository, digest) > 0
  }

  manifest(repository: string, digest: Digest): LinkedManifest | undefined {
    const row = this.#one('SELECT * FROM manifest WHERE repository = ? AND digest = ?', repository, digest)
    return row && manifestOf(row)
  }

  linkManifest(repository: string, manifest: LinkedManifest, tags: readonly string[]): void {
    this.#transaction(() => {
      this.#run('INSERT OR IGNORE INTO repository VALUES (?)', repository)
      this.#run(
        'INSERT OR REPLACE INTO manifest VALUES (?, ?, ?, ?, ?, ?, ?)',
        repository,
        manifest.digest,
        manifest.mediaType,
        manifest.size,
        manifest.subject ?? null,
        manifest.artifactType ?? null,
        manifest.annotations ? JSON.stringify(manifest.annotations) : null,
      )
      for (const tag of tags) this.#run('INSERT OR REPLACE INTO tag VALUES (?, ?, ?)', repository, tag, manifest.digest)
    })
  }

  /** With every tag that points to it. */
  unlinkManifest(repository: string, digest: Digest): boolean {
    return this.#transaction(() => {
      this.#run('DELETE FROM tag WHERE repository = ? AND digest = ?', repository, digest)
      return this.#run('DELETE FROM manifest WHERE repository = ? AND digest = ?', repository, digest) > 0
    })
  }

  tagged(repository: string, tag: string): Digest | undefined {
    const row = this.#one('SELECT digest FROM tag WHERE repository = ? AND name = ?', repository, tag)
    return row && (row.digest as Digest)
  }

  untag(repository: string, tag: string): boolean {
    return this.#run('DELETE FROM tag WHERE repository = ? AND name = ?', repository, tag) > 0
  }

  /** In the order of their bytes ("ASCIIbetical"), which is SQLite's own for text. */
  tags(repository: string, { after = '', limit }: Page): string[] {
    const sql = 'SELECT name FROM tag WHERE repository = ? AND name > ? ORDER BY name LIMIT ?'
    return this.#all(sql, repository, after, limit).map((row) => String(row.name))
  }

  referrers(
    repository: string,
    subject: Digest,
    artifactType: string | undefined,
    { after = '', limit }: Page,
  ): Descriptor[] {
    const rows = this.#all(
      `SELECT * FROM manifest WHERE repository = ? AND subject = ? AND digest > ? AND (? IS NULL OR artifact_type = ?)
       ORDER BY digest LIMIT ?`,
      repository,
      subject,
      after,
      artifactType ?? null,
      artifactType ?? null,
      limit,
    )
    return rows.map((row) => {
      const { mediaType, digest, size, artifactType: type, annotations } = manifestOf(row)
      return {
        mediaType,
        digest,
        size,
        ...(type === undefined ? {} : { artifactType: type }),
        ...(annotations ? { annotations } : {}),
      }
    })
  }

  /** Every blob that some repository links to, manifests included. */
  digests(): Digest[] {
    return this.#all('SELECT digest FROM blob UNION SELECT digest FROM manifest').map((row) => row.digest as Digest)
  }

  addUpload(session: UploadSession): void {
    this.#run(
      'INSERT INTO upload VALUES (?, ?, ?, ?)',
      session.id,
      session.repository,
      session.algorithm,
      session.startedAt.getTime(),
    )
  }

  upload(id: string): UploadSession | undefined {
    const row = this.#one('SELECT * FROM upload WHERE id = ?', id)
    return row && uploadOf(row)
  }

  uploads(): UploadSession[] {
    return this.#all('SELECT * FROM upload').map(uploadOf)
  }

  removeUpload(id: string): boolean {
    return this.#run('DELETE FROM upload WHERE id = ?', id) > 0
  }

  #one(sql: string, ...values: (string | number | null)[]) {
    return this.#db.prepare(sql).get(...values)
  }

  #all(sql: string, ...values: (string | number | null)[]) {
    return this.#db.prepare(sql).all(...values)
  }

  #run(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.#db.prepare(sql).run(...values).changes)
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }
}

type Row = Record<string, unknown>

function manifestOf(row: Row): LinkedManifest {
  return {
    digest: row.digest as Digest,
    mediaType: String(row.media_type),
    size: Number(row.size),
    ...(row.subject === null ? {} : { subject: row.subject as Digest }),
    ...(row.artifact_type === null ? {} : { artifactType: String(row.artifact_type) }),
    ...(row.annotations === null ? {} : { annotations: JSON.parse(String(row.annotations)) }),
  }
}

function uploadOf(row: Row): UploadSession {
  return {
    id: String(row.id),
    repository: String(row.repository),
    algorithm: row.algorithm as DigestAlgorithm,
    startedAt: new Date(Number(row.started_at)),
  }
}
