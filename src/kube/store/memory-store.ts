import { CommitQueue } from './commit-queue.ts'
import { defaultHistory, type HistoryLimits, type Store } from './contract.ts'
import { History } from './history.ts'
import { LocalStore } from './local-store.ts'

/** Keeps everything in memory and nothing beyond it. Uses no Node-only module. */
export function createMemoryStore(limits: HistoryLimits = defaultHistory): Store {
  const history = new History(limits, 1)
  return new LocalStore(history, new CommitQueue(history, () => undefined, queueMicrotask))
}
