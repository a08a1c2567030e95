import type { Store } from './contract.ts'
import type { EtcdStoreOptions } from './etcd-store.ts'
import type { SqliteStoreOptions } from './sqlite-store.ts'

export type { EtcdStoreOptions, SqliteStoreOptions }

/** Everything in memory, every write durable in a SQLite file before it is acknowledged. Needs Node. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { openSqliteStore: open } = await import('./sqlite-store.ts')
  return open(options)
}

/** Everything in an etcd v3 cluster, which several API servers can share. Needs Node and the optional `@grpc/grpc-js`. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const { openEtcdStore: open } = await import('./etcd-store.ts')
  return open(options)
}
