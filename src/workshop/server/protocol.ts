/** What page and server say to each other; the page imports these types and nothing else of the workshop. */
import type { Observation } from '../checks/observation.ts'
import type { DockerEvent } from '../docker/endpoint.ts'
import type { ContainerFacts, ImageFacts, ImageHistoryLine, NetworkFacts, VolumeFacts } from '../docker/shapes.ts'
import type { Goal } from '../lesson/format.ts'
import type { TaskStatus } from '../run/session.ts'
import type { FileText } from './files.ts'

export type {
  ContainerFacts,
  DockerEvent,
  FileText,
  Goal,
  ImageFacts,
  ImageHistoryLine,
  NetworkFacts,
  Observation,
  TaskStatus,
  VolumeFacts,
}

/** GET /api/map */
export interface LessonMap {
  version: string
  current: string | null
  chapters: { id: string; title: Record<'en' | 'fr', string>; lessons: LessonEntry[] }[]
  problems: { file: string; line: number; message: string }[]
}

export interface LessonEntry {
  id: string
  title: Record<'en' | 'fr', string>
  minutes: number
  kind: 'lesson' | 'mission' | 'boss'
  stars?: number
  concepts: string[]
  tasks: number
  done: number
}

/** GET /api/lesson: the open lesson, both languages at once so that a switch loses nothing. */
export interface LessonView {
  id: string
  kind: 'lesson' | 'mission' | 'boss'
  minutes: number
  next: string | null
  previous: string | null
  variables: Record<string, string>
  text: Record<'en' | 'fr', LessonText>
  tasks: { id: string; optional: boolean; challenge: boolean; goal: Goal | null; hints: number }[]
  predictions: {
    id: string
    before: string
    kind: 'choice' | 'number'
    answered: { answer: number; right: boolean } | null
  }[]
  answers: string[]
  golf: { measure: string; par: number; best: number | null } | null
  open: { file: string; line: number } | null
  canUndo: boolean
  status: TaskStatus[]
}

export interface LessonText {
  title: string
  /** HTML made from the author's markdown; raw HTML in it was escaped. */
  lead: string
  blocks: { kind: string; id: string; html: string; items: string[] }[]
}

/** Everything that the picture is drawn from. */
export interface WorldView {
  connected: boolean
  containers: ContainerFacts[]
  images: (ImageFacts & { history?: ImageHistoryLine[] })[]
  networks: NetworkFacts[]
  volumes: VolumeFacts[]
}

/** Server → page over /api/live, one JSON object a message. */
export type LiveMessage =
  | { kind: 'world'; world: WorldView; events: DockerEvent[]; at: number }
  | { kind: 'tasks'; lesson: string; tasks: TaskStatus[]; canUndo: boolean }
  | { kind: 'opened'; lesson: string }
  | { kind: 'preparing'; lesson: string; text: string }
  | { kind: 'files'; files: string[] }
  | { kind: 'lessons-changed' }

/** Server → page over /api/terminal?id=…; page → server likewise. */
export type TerminalDown =
  | { kind: 'ready'; id: string; scrollback: string }
  | { kind: 'output'; text: string }
  | { kind: 'ended'; exitCode: number }
export type TerminalUp =
  | { kind: 'input'; text: string }
  | { kind: 'resize'; columns: number; rows: number }
  | { kind: 'drawn'; characters: number }
