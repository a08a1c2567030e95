import type { DockerEvent, LessonMap, LessonView, LiveMessage, WorldView } from '../../workshop/server/protocol.ts'
import { call, reconnecting } from './api.ts'
import { createStore } from './store.ts'

/** One moment of the world: the picture goes back and forth between moments. */
export interface Moment {
  world: WorldView
  /** What has happened since the moment before. */
  events: DockerEvent[]
  at: number
}

const mostMoments = 400
const noWorld: WorldView = { connected: true, containers: [], images: [], networks: [], volumes: [] }

export const lesson = createStore<LessonView | null>(null)
export const map = createStore<LessonMap | null>(null)
export const moments = createStore<Moment[]>([{ world: noWorld, events: [], at: 0 }])
/** Which moment the picture shows; undefined is the newest, as it comes. */
export const shownMoment = createStore<number | undefined>(undefined)
export const connected = createStore(true)
export const files = createStore<string[]>([])
export const preparing = createStore<string | undefined>(undefined)
export const notice = createStore<string | undefined>(undefined)
/** Text for the terminal that has the focus; never with a line feed at its end. */
export const toInsert = createStore<{ text: string; serial: number } | undefined>(undefined)
/** File and line that the editor shows. */
export const openFile = createStore<{ path: string; line: number } | undefined>(undefined)

export async function loadLesson(): Promise<void> {
  const view = await call<LessonView | null>('GET', '/api/lesson')
  lesson.set(view)
  if (view?.open && !openFile.get()) openFile.set({ path: view.open.file, line: view.open.line })
}

export async function loadMap(): Promise<void> {
  map.set(await call<LessonMap>('GET', '/api/map'))
}

/** A change of lesson: what fails is told, the page stays as it is. */
async function change(path: string, body: object): Promise<void> {
  preparing.set('')
  try {
    lesson.set(await call<LessonView>('POST', path, body))
    await loadMap()
  } catch (error) {
    notice.set(error instanceof Error ? error.message : String(error))
  } finally {
    preparing.set(undefined)
  }
}

export async function openLesson(id: string): Promise<void> {
  openFile.set(undefined)
  await change('/api/lesson/open', { id })
  const opened = lesson.get()
  if (opened?.open) openFile.set({ path: opened.open.file, line: opened.open.line })
}

export const resetLesson = () => change('/api/lesson/reset', {})
export const undoTask = () => change('/api/lesson/undo', {})

export function insertInTerminal(text: string): void {
  toInsert.set((before) => ({ text: text.replace(/\n+$/, ''), serial: (before?.serial ?? 0) + 1 }))
}

function take(message: LiveMessage): void {
  switch (message.kind) {
    case 'world': {
      const { world, events, at } = message
      moments.set((before) => [...before, { world, events, at }].slice(-mostMoments))
      break
    }
    case 'tasks':
      lesson.set((before) =>
        before?.id === message.lesson ? { ...before, status: message.tasks, canUndo: message.canUndo } : before,
      )
      void loadMap()
      break
    case 'opened':
      preparing.set(undefined)
      void loadLesson()
      void loadMap()
      break
    case 'preparing':
      preparing.set(message.text)
      break
    case 'files':
      files.set(message.files)
      break
    case 'lessons-changed':
      void loadLesson()
      void loadMap()
      break
  }
}

/** Joins the server; everything that was missed while away comes with the new connection. */
export function follow(): void {
  reconnecting('/api/live', {
    message: (data) => take(JSON.parse(data) as LiveMessage),
    connected(on) {
      connected.set(on)
      if (on) void Promise.all([loadLesson(), loadMap()]).catch((error) => notice.set(String(error)))
    },
  })
}
