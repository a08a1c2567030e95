import { watch } from 'node:fs'
import type { WebSocket } from 'ws'
import type { DockerEvent } from '../docker/endpoint.ts'
import type { ImageHistoryLine } from '../docker/shapes.ts'
import type { Workshop } from '../run/workshop.ts'
import { listFiles } from './files.ts'
import type { LiveMessage, WorldView } from './protocol.ts'

/** At most so many pictures a second, however many events there are. */
const pictureMs = 60
const filesMs = 100
/** A page that does not read is not waited for: it gets the newest state when it reads again. */
const mostBufferedBytes = 8 * 1024 * 1024

const histories = new Map<string, ImageHistoryLine[]>()

async function historyOf(workshop: Workshop, id: string): Promise<ImageHistoryLine[]> {
  // An image's id is the digest of its history: what was once read stays true.
  const known = histories.get(id)
  if (known) return known
  const lines = await workshop.endpoint.call<ImageHistoryLine[]>('GET', `/images/${id}/history`)
  histories.set(id, lines)
  return lines
}

export async function worldView(workshop: Workshop): Promise<WorldView> {
  const { world } = workshop
  const images = await Promise.all(
    [...world.images.values()].map(async (image) => ({
      ...image,
      history: await historyOf(workshop, image.Id).catch(() => []),
    })),
  )
  return {
    connected: world.connected,
    containers: [...world.containers.values()].filter(
      (container) => container.Config.Labels?.['manufacture.workshop'] !== 'probe',
    ),
    images,
    networks: [...world.networks.values()],
    volumes: [...world.volumes.values()],
  }
}

/** One page's live view: the world, the tasks, the files, as they change. */
export function serveLive(socket: WebSocket, workshop: Workshop, onFault: (error: unknown) => void): void {
  using resources = new DisposableStack()
  const send = (message: LiveMessage) => {
    if (socket.readyState === socket.OPEN && socket.bufferedAmount < mostBufferedBytes)
      socket.send(JSON.stringify(message))
  }

  let pending: DockerEvent[] = []
  let timer: NodeJS.Timeout | undefined
  const draw = () => {
    timer = undefined
    const events = pending
    pending = []
    worldView(workshop)
      .then((world) => send({ kind: 'world', world, events, at: Date.now() }))
      .catch(onFault)
  }
  const changed = (events: readonly DockerEvent[]) => {
    pending.push(...events)
    timer ??= setTimeout(draw, pictureMs)
  }

  let filesTimer: NodeJS.Timeout | undefined
  let watched: DisposableStack | undefined
  const sendFiles = () => {
    const { folder } = workshop
    if (folder === undefined) return
    listFiles(folder)
      .then((files) => send({ kind: 'files', files }))
      .catch(onFault)
  }
  const watchFiles = () => {
    watched?.dispose()
    watched = new DisposableStack()
    if (workshop.folder === undefined) return
    const watcher = watch(workshop.folder, { recursive: true }, () => {
      clearTimeout(filesTimer)
      filesTimer = setTimeout(sendFiles, filesMs)
    })
    watcher.on('error', onFault)
    watched.defer(() => watcher.close())
    sendFiles()
  }

  resources.use(workshop.world.onChange((change) => changed(change.kind === 'state' ? change.events : [])))
  resources.use(
    workshop.onEvent((event) => {
      if (event.kind === 'tasks') send({ ...event, tasks: [...event.tasks], canUndo: workshop.canUndo })
      else send(event)
      if (event.kind === 'opened') watchFiles()
    }),
  )
  resources.defer(() => {
    clearTimeout(timer)
    clearTimeout(filesTimer)
    watched?.dispose()
  })
  const held = resources.move()
  socket.once('close', () => held.dispose())
  watchFiles()
  draw()
}
