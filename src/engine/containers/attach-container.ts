import { type ReadLogOptions, readLog } from '../../linux/index.ts'
import type { Attachment } from '../contract.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { conflict, system } from '../engine-error.ts'
import type { AttachOptions } from '../shapes/index.ts'
import { ClientStreams } from './attachment.ts'
import type { Container } from './container.ts'
import { parseDetachKeys } from './detach-keys.ts'
import { logPath } from './log-path.ts'

/** `docker attach`, and the first half of `docker run`: a container that does not run yet is waited for. */
export async function attachContainer(core: Core, ref: string, options: AttachOptions): Promise<Attachment> {
  const keys = parseDetachKeys(options.detachKeys)
  const container = core.containers.get(ref)
  if (container.paused) throw conflict(`container ${ref} is paused, unpause the container before attach`)
  if (container.record.state.status === 'restarting') {
    throw conflict(`container ${ref} is restarting, wait until the container is running`)
  }
  const { config, hostConfig } = container.record
  if (options.logs && hostConfig.LogConfig?.Type === 'none') {
    throw system('configured logging driver does not support reading')
  }
  const stream = options.stream ?? false
  const client = new ClientStreams({
    tty: config.Tty ?? false,
    stdin: stream && (options.stdin ?? false) && (config.OpenStdin ?? false),
    stdout: options.stdout ?? false,
    stderr: options.stderr ?? false,
    detachKeys: keys,
    onDetach: () => containerEvent(core, container, 'detach'),
    onClose: () => container.streams.delete(entry),
  })
  // With both, the log of a container that runs is followed: one source, so that nothing is lost or doubled. Of one that
  // does not run yet, it is what an earlier run left, and what comes follows when it has been told.
  let followed = false
  let told: Promise<void> = Promise.resolve()
  const afterwards = (act: () => void) => void told.then(act, act)
  const entry = {
    join: async () => {
      const streams = await core.linux.containers.attach(container.id)
      if (followed) client.joinInput(streams)
      else afterwards(() => client.join(streams))
    },
    end: () => {
      if (!followed) afterwards(() => client.end())
    },
  }
  if (stream) {
    container.streams.add(entry)
    // A start that is under way joins it, or has already and is over.
    using _held = await container.mutex.lock()
    followed = (options.logs ?? false) && container.alive
    if (options.logs && !followed) told = replay(core, container, client, options, false)
    if (container.alive && container.streams.has(entry)) await entry.join()
  }
  if (options.logs) {
    core.background.run('a log to a client', async () => {
      if (stream && !followed) return await told
      try {
        await replay(core, container, client, options, followed)
      } finally {
        client.end()
      }
    })
  }
  containerEvent(core, container, 'attach')
  if (!stream && !options.logs) client.end()
  return client
}

/** The log so far and, with `follow`, what comes. */
async function replay(
  core: Core,
  container: Container,
  client: ClientStreams,
  options: AttachOptions,
  follow: boolean,
) {
  const path = logPath(core, container)
  const over = new AbortController()
  client.output.on('close', () => over.abort())
  const ended = container.ended?.promise ?? Promise.resolve()
  const reading: ReadLogOptions = { signal: over.signal, ...(follow && { follow, ended }) }
  for await (const records of path === null ? [] : readLog(path, reading)) {
    for (const { stream: name, data } of records) {
      if (!(name === 'stderr' ? options.stderr : options.stdout)) continue
      if (client.output.writableEnded || over.signal.aborted) return
      if (!client.output.write({ stream: name, data })) {
        await new Promise<void>((resolve) => {
          client.output.once('drain', resolve)
          client.output.once('close', resolve)
        })
      }
    }
  }
}
