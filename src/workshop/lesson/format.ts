/**
 * A lesson as its author writes it (`lesson.yaml`): facts and checks, no prose. The words are in `fr.md` and `en.md`,
 * block by block under the same ids; see docs/authoring.md.
 */
export interface LessonFile {
  /** Unique over all lessons: `docker.three-doors`. */
  id: string
  /** How long it takes a beginner. */
  minutes: number
  /** lesson (default), mission (something is broken: repair it), or boss. */
  kind?: 'lesson' | 'mission' | 'boss'
  /** Difficulty of a mission, 1 to 3. */
  stars?: 1 | 2 | 3
  /** At most two, taught here first. */
  concepts?: string[]
  /** Concepts that must have been taught before; the linter holds their order. */
  needs?: string[]
  /** Images that must be there before the lesson begins; pulled with progress by `prepare`. */
  images?: string[]
  /** Names chosen when the lesson starts; written `${NAME}` anywhere below and in the prose. */
  vars?: Record<string, Variable>
  /** Folders of `lessons/_shared` that the learner finds in the lesson's folder: where → which. `files/` comes on top. */
  shared?: Record<string, string>
  /** Commands that bring the workshop to where this lesson begins, idempotent; run in its folder. */
  prepare?: string[]
  /** What the lesson may remove and restore on reset, beyond what it made itself: names of containers, images, networks, volumes. */
  owns?: Owned
  tasks: Record<string, Task>
  predict?: Prediction[]
  /** A repetition of an earlier lesson for the beginning of this one. */
  warmup?: { from: string; task: string }
  golf?: Golf
  /** Commands that solve the whole lesson, per task, in order. `manufacture lesson test` runs them. */
  solve: Record<string, Step[]>
  /** States that are wrong on purpose: each must give its hint and not solve its task. */
  wrong?: WrongCase[]
  /** The file and line that the editor opens. */
  open?: { file: string; line?: number }
}

export type Variable =
  /** A TCP port of this machine that is free when the lesson starts; `prefer` is taken where it is free. */
  | { port: { prefer?: number } }
  /** One of these, by chance. */
  | { choice: string[] }
  | { value: string }

export interface Owned {
  containers?: string[]
  images?: string[]
  networks?: string[]
  volumes?: string[]
}

/** A shell command; or a file written, a line replaced. */
export type Step =
  | string
  | { write: string; text: string }
  | { copy: string; to: string }
  /** Waits until the check holds, for what a command only sets going. */
  | { until: Check; seconds?: number }
  /** An answer in the page: a value, or what a command prints. */
  | { answer: string; value: string | number }
  | { answer: string; sh: string }

export interface Task {
  /** edge: solved once and for all (default). level: solved as long as the check holds. */
  mode?: 'edge' | 'level'
  check: Check
  /** Recognised wrong states, in order of precedence; the first that holds is said. */
  seen?: Seen[]
  /** Drawn dashed in the picture until it is there. */
  goal?: Goal
  /** The command is not shown as code in the prose: the learner must find it. */
  challenge?: boolean
  optional?: boolean
}

export interface Seen {
  when: Check
  /** Id of a `seen` block in both languages. */
  say: string
}

export interface Goal {
  container?: string
  image?: string
  network?: string
  volume?: string
  /** `8000:5000` */
  port?: string
}

/** Facts about the Docker Engine API, HTTP, files and answers. Within one object all conditions must hold. */
export type Check =
  | { all: Check[] }
  | { any: Check[] }
  | { not: Check }
  | { image: ImageCheck }
  | { container: ContainerCheck }
  | { network: NetworkCheck }
  | { volume: VolumeCheck }
  | { http: HttpCheck }
  | { file: FileCheck }
  | { answer: AnswerCheck }
  | { event: EventCheck }
  /** What the learner typed, for commands that leave no trace; a regular expression over a whole command line. */
  | { ran: { command: string; exit?: number } }
  /** Escape hatch: a command in the lesson's folder that exits with 0 when it holds. Run after changes only. */
  | { sh: string; watch?: ('docker' | 'files')[] }

/** Texts: equal, or a regular expression between slashes (`/^Hello /`). */
export type Pattern = string

export interface Count {
  min?: number
  max?: number
  exactly?: number
}

export interface ImageCheck {
  /** `super_api` means `super_api:latest`; `none` an image without a name. */
  name?: Pattern
  /** The same image has this other name too. */
  alsoNamed?: string
  /** Not the image that this name has: built anew. */
  differsFrom?: string
  cmd?: string[]
  entrypoint?: string[] | null
  /** exec: an array as written; shell: /bin/sh -c … */
  cmdForm?: 'exec' | 'shell'
  workdir?: Pattern
  env?: Record<string, Pattern>
  exposes?: string
  user?: Pattern
  layers?: Count
  sizeMb?: Count
  labels?: Record<string, Pattern>
  /** A line of its history holds this. */
  history?: Pattern
  /** A path in the image, looked up in a container made of it and never started. */
  path?: { at: string; exists?: boolean; contains?: Pattern }
  digest?: Pattern
  count?: Count
}

export interface ContainerCheck {
  name?: Pattern
  /** Name or id of its image. */
  image?: Pattern
  state?: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'any'
  exitCode?: number
  cmd?: Pattern
  tty?: boolean
  stdin?: boolean
  env?: Record<string, Pattern>
  /** `8000:5000`, `none`, or `any`. */
  published?: string
  /** A socket on which its main process listens: `0.0.0.0:5000`, `127.0.0.1:5000`, `:5000`. */
  listens?: string
  networks?: string[]
  /** `livre:/data` or `bind:/data`, `none`. */
  mounts?: string
  restartPolicy?: string
  health?: 'starting' | 'healthy' | 'unhealthy'
  user?: Pattern
  logs?: Pattern
  /** First process, as `docker top` shows it. */
  process?: Pattern
  memoryLimitMb?: Count
  count?: Count
}

export interface NetworkCheck {
  name: Pattern
  driver?: string
  containers?: string[]
  exists?: boolean
}

export interface VolumeCheck {
  name: Pattern
  exists?: boolean
  used?: boolean
}

export interface HttpCheck {
  url: string
  method?: string
  status?: number
  body?: Pattern
  /** refused: nobody listens; reset: accepted and closed without an answer. */
  fails?: 'refused' | 'reset' | 'timeout'
}

/** A file in the learner's folder. */
export interface FileCheck {
  path: string
  exists?: boolean
  contains?: Pattern
  /** Dockerfile: the instructions in order, each a pattern. */
  instructions?: Pattern[]
  executable?: boolean
}

/** What the learner answers in the page. */
export interface AnswerCheck {
  id: string
  /** Choice: index from 0; text: a pattern; or a fact of the engine. */
  is?: number | Pattern
  equalsFact?: 'server-version' | 'kernel' | 'container-count' | 'image-count' | 'dangling-image-id'
}

/** Something that happened since the lesson began (or since the last reset). */
export interface EventCheck {
  type: 'container' | 'image' | 'network' | 'volume'
  action: Pattern
  /** Name of the object. */
  name?: Pattern
  image?: Pattern
  attributes?: Record<string, Pattern>
  count?: Count
}

export interface Prediction {
  id: string
  /** Asked before this task is begun. */
  before: string
  kind: 'choice' | 'number'
  /** How many options the prose has. */
  options?: number
  /** The right option, from 0, or number. */
  truth: number
}

/** Measured on the learner's own work, when all tasks are done. */
export interface Golf {
  measure: 'image-mb' | 'layers' | 'rebuild-seconds' | 'context-kb' | 'commands'
  /** Whose: an image name where it matters. */
  of?: string
  par: number
}

export interface WrongCase {
  task: string
  type: Step[]
  expect: string
}
