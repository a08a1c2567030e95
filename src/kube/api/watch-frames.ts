import type { Entry, StoreEvent } from '../store/index.ts'
import { memoOf } from './stored-object.ts'
import { withoutNewline } from './table.ts'

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

const encoder = new TextEncoder()
const heads: Readonly<Record<EventType, Uint8Array>> = {
  ADDED: encoder.encode('{"type":"ADDED","object":'),
  MODIFIED: encoder.encode('{"type":"MODIFIED","object":'),
  DELETED: encoder.encode('{"type":"DELETED","object":'),
}
const tail = encoder.encode('}\n')

/** One buffer per event and type, for all watchers of the stored version. */
export function frameOf(type: EventType, entry: Entry): Uint8Array {
  const memo = memoOf(entry)
  memo.frames ??= {}
  const known = memo.frames[type]
  if (known) return known
  const frame = makeFrame(type, withoutNewline(entry.bytes))
  memo.frames[type] = frame
  return frame
}

function makeFrame(type: EventType, object: Uint8Array): Uint8Array {
  const head = heads[type]
  const frame = new Uint8Array(head.length + object.length + tail.length)
  frame.set(head)
  frame.set(object, head.length)
  frame.set(tail, head.length + object.length)
  return frame
}

/** What an event is to somebody who sees only what a selector matches. */
export function seenAs(event: StoreEvent, matches: ((entry: Entry) => boolean) | undefined): EventType | undefined {
  if (event.type === 'delete') return !matches || matches(event.previous) ? 'DELETED' : undefined
  if (!matches) return event.previous ? 'MODIFIED' : 'ADDED'
  const after = matches(event.entry)
  const before = event.previous !== undefined && matches(event.previous)
  if (after) return before ? 'MODIFIED' : 'ADDED'
  return before ? 'DELETED' : undefined
}

/** The object of a DELETED event is the last one that the watcher could see, at the revision at which it went. */
export function entryFor(type: EventType, event: StoreEvent): Entry {
  if (type !== 'DELETED' || event.type === 'delete' || !event.previous) return event.entry
  return replaced(event.previous, event.entry.revision)
}

function replaced(previous: Entry, revision: number): Entry {
  const { bytes, revisionAt } = previous
  const before = String(previous.revision)
  const digits = encoder.encode(String(revision))
  const result = new Uint8Array(bytes.length - before.length + digits.length)
  result.set(bytes.subarray(0, revisionAt))
  result.set(digits, revisionAt)
  result.set(bytes.subarray(revisionAt + before.length), revisionAt + digits.length)
  return { ...previous, bytes: result, revision, memo: undefined }
}
