import { OciError } from './oci-error.ts'
import type { TarEntry, TarHeader } from './tar-entry.ts'
import { TarParser } from './tar-parser.ts'

type Event = { readonly header: TarHeader } | { readonly data: Buffer } | 'end'

/**
 * The members of a (plain) tar, as they flow by. A body is read once, before the next member is asked for; what is not
 * read is skipped. The source is read to its end, also past the tar's.
 * @throws OciError corrupt, unsupported, while iterating
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, void> {
  const events: Event[] = []
  let taken = 0
  const parser = new TarParser({
    entry: (header) => events.push({ header }),
    data: (data) => events.push({ data }),
    end: () => events.push('end'),
  })
  const chunks = source[Symbol.asyncIterator]()

  async function next(): Promise<Event | undefined> {
    while (taken === events.length) {
      events.length = 0
      taken = 0
      const { done, value } = await chunks.next()
      if (done) {
        parser.finish()
        return undefined
      }
      parser.write(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    }
    return events[taken++]
  }

  async function* body(): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const event = await next()
      if (event === 'end') return
      if (event === undefined || 'header' in event) throw new OciError('corrupt', 'unexpected EOF in tar')
      yield event.data
    }
  }

  try {
    for (;;) {
      const event = await next()
      if (event === undefined) return
      if (event === 'end' || !('header' in event)) throw new Error('a tar member was left in the middle')
      const content = body()
      let left = false
      const guarded = {
        [Symbol.asyncIterator]: () => ({
          next: () => (left ? Promise.resolve({ done: true as const, value: undefined }) : content.next()),
          // A reader that stops early only stops reading: the rest is skipped below.
          return: () => Promise.resolve({ done: true as const, value: undefined }),
        }),
      }
      yield { header: event.header, body: guarded }
      left = true
      for await (const _rest of content);
    }
  } finally {
    await chunks.return?.()
  }
}
