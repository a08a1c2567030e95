import { BuildError } from './build-error.ts'
import type { BuildEvent, BuildRequest, BuildResult, LegacyBuildMessage } from './contract.ts'
import { LegacyStream } from './legacy-stream.ts'

type RunBuild = (emit: (event: BuildEvent) => void, signal: AbortSignal) => Promise<BuildResult>

const cancelled: LegacyBuildMessage = { errorDetail: { message: 'Build cancelled' }, error: 'Build cancelled' }

/** How many lines wait for a slow client before the build's own output is drawn no further. */
const maxWaiting = 10_000

/** A build as POST /build answers it. What fails before the first line is thrown; what fails later is the last line. */
export async function* buildLegacy(
  run: RunBuild,
  request: BuildRequest,
  signal: AbortSignal,
): AsyncGenerator<LegacyBuildMessage, void, undefined> {
  const queue: LegacyBuildMessage[] = []
  const gone = new AbortController()
  let wake = Promise.withResolvers<void>()
  let ended = false
  const stream = new LegacyStream({
    remove: request.remove ?? true,
    forceRemove: request.forceRemove ?? false,
    send: (message) => {
      queue.push(message)
      wake.resolve()
    },
  })
  const outcome = run(
    (event) => {
      if (queue.length < maxWaiting || event.type !== 'log') stream.handle(event)
    },
    AbortSignal.any([signal, gone.signal]),
  )
    .then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    )
    .finally(() => {
      ended = true
      wake.resolve()
    })
  let sent = 0
  try {
    while (!ended || queue.length > 0) {
      const message = request.quiet ? undefined : queue.shift()
      if (message) {
        sent++
        yield message
      } else if (!ended) {
        await wake.promise
        wake = Promise.withResolvers()
      } else break
    }
    const end = await outcome
    if ('error' in end) {
      if (signal.aborted) yield cancelled
      else yield* failure(end.error, stream, queue, sent > 0 || queue.length > 0)
    } else yield* success(end.result, stream, queue, request.quiet ?? false)
  } finally {
    gone.abort(new Error('Build cancelled'))
    // a client that hangs up does not leave a step behind
    await outcome
  }
}

function* success(
  result: BuildResult,
  stream: LegacyStream,
  queue: LegacyBuildMessage[],
  quiet: boolean,
): Generator<LegacyBuildMessage, void, undefined> {
  if (quiet) {
    yield { stream: `${result.imageId}\n` }
    return
  }
  if (result.unused.length > 0)
    stream.note(`[Warning] One or more build-args [${result.unused.join(' ')}] were not consumed\n`)
  stream.finish(result.imageId, result.tags)
  yield* queue.splice(0)
}

function* failure(
  error: unknown,
  stream: LegacyStream,
  queue: LegacyBuildMessage[],
  begun: boolean,
): Generator<LegacyBuildMessage, void, undefined> {
  if (!begun) throw error
  stream.fail()
  yield* queue.splice(0)
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof BuildError ? error.code : undefined
  yield { errorDetail: { ...(code === undefined ? {} : { code }), message }, error: message }
}
