/** The door of the store: a contract with three implementations. Those that need Node are loaded when asked for. */
export type {
  Entry,
  HistoryLimits,
  RangeQuery,
  RangeResult,
  Store,
  StoreEvent,
  Value,
  Watch,
  WatchQuery,
  WatchSink,
  WriteResult,
} from './contract.ts'
export { CompactedError, defaultHistory, FutureRevisionError, StoreClosedError } from './contract.ts'
export { createMemoryStore } from './memory-store.ts'
export { type EtcdStoreOptions, openEtcdStore, openSqliteStore, type SqliteStoreOptions } from './open.ts'
