import type { Observation } from '../../workshop/server/protocol.ts'

const quoted = (text: string) => `“${text}”`

/** What an open task sees, as a sentence. */
function sees(observation: Observation): string {
  switch (observation.what) {
    case 'no-image':
      return observation.name ? `no image ${observation.name} yet` : 'no such image yet'
    case 'image-differs':
      return `the image ${observation.name} is there; its ${observation.field} is ${observation.found || 'not that'}`
    case 'no-container':
      return `no container of ${observation.name} yet`
    case 'container-state':
      return `the container ${observation.name} (${observation.image}) is ${observation.state}${observation.state === 'exited' ? `, code ${observation.exitCode}` : ''}`
    case 'container-published':
      return observation.published === 'none'
        ? `the container ${observation.name} of ${observation.image} is there, nothing is published`
        : `the container ${observation.name} publishes ${observation.published}`
    case 'container-listens':
      return observation.listens === 'none'
        ? `in ${observation.name}, nobody listens yet`
        : `in ${observation.name}, the program listens on ${observation.listens}`
    case 'container-differs':
      return `the container ${observation.name} is there; its ${observation.field} is ${observation.found || 'not that'}`
    case 'count':
      return `${observation.found} of ${observation.of}`
    case 'no-network':
      return `no network ${observation.name} yet`
    case 'network-lacks':
      return `the network ${observation.name} is there, ${observation.container} is not in it`
    case 'no-volume':
      return `no volume ${observation.name} yet`
    case 'exists':
      return `${observation.name} is there`
    case 'http-failed':
      return `${observation.url}: ${observation.how === 'refused' ? 'connection refused' : observation.how === 'timeout' ? 'no answer' : 'connection closed without an answer'}`
    case 'http-answer':
      return `${observation.url} answers ${observation.status} ${quoted(observation.body.trim().slice(0, 60))}`
    case 'no-file':
      return observation.instead
        ? `no file ${observation.path}, but there is ${observation.instead}`
        : `no file ${observation.path} yet`
    case 'file-differs':
      return `${observation.path} is there, not yet as it should be`
    case 'not-answered':
      return 'your answer'
    case 'wrong-answer':
      return 'that is not it yet'
    case 'not-yet':
      return `${observation.action}: not yet`
    case 'not-typed':
      return 'the command has not been typed yet'
    case 'script':
      return observation.output || 'not yet'
  }
}

export const en = {
  name: 'English',
  workshop: 'Workshop',
  lesson: 'Lesson',
  picture: 'Picture',
  terminal: 'Terminal',
  editor: 'Editor',
  browser: 'Browser',
  map: 'All lessons',
  close: 'Close',
  undo: 'Undo',
  undoTitle: 'Back to before the last solved task',
  reset: 'Reset',
  resetTitle: 'Begin this lesson again; your files are kept aside',
  resetSure: 'Begin this lesson again? What it made is removed; your files are moved aside, not deleted.',
  help: 'Help',
  theme: 'Colours',
  themes: { auto: 'as the system', light: 'light', dark: 'dark', contrast: 'high contrast' },
  layout: 'Layout',
  layouts: { read: 'Read', do: 'Do', watch: 'Watch', projector: 'Projector' },
  minutes: (n: number) => `${n} min`,
  taskDone: (seconds: number) => `done (${seconds.toLocaleString('en', { maximumFractionDigits: 1 })} s)`,
  taskDoneEarlier: 'done',
  watching: 'watching',
  wasFine: 'was fine, then',
  seen: 'seen',
  sees,
  hint: (n: number, of: number) => `Hint ${n}/${of}`,
  solution: 'Solution',
  insert: 'Insert in the terminal',
  copy: 'Copy',
  predict: 'Before you run it',
  yourGuess: 'Your guess',
  right: 'Well seen.',
  wrong: 'The engine does something else.',
  answer: 'Your answer',
  send: 'Send',
  why: 'Why',
  break: 'Break it',
  debrief: 'What to remember',
  real: 'In the real world',
  golf: 'Par',
  challenge: 'Challenge',
  story: 'The story',
  concept: 'Word',
  optional: 'optional',
  next: 'Next lesson',
  previous: 'Previous lesson',
  lessonDone: 'Lesson done!',
  asList: 'As list',
  asPicture: 'As picture',
  fit: 'Fit',
  pause: 'Pause',
  play: 'Live',
  back: 'One event back',
  forward: 'One event on',
  past: (n: number) => `${n} events ago`,
  images: 'Images',
  containers: 'Containers',
  networks: 'Networks',
  volumes: 'Volumes',
  machine: 'Your machine',
  empty: 'Nothing yet. The first command will draw something here.',
  layers: (n: number) => (n === 1 ? '1 layer' : `${n} layers`),
  noName: '<none>',
  states: {
    created: 'created',
    running: 'running',
    paused: 'paused',
    restarting: 'restarting',
    removing: 'removing',
    exited: 'exited',
    dead: 'dead',
  },
  code: (n: number) => `code ${n}`,
  door1: 'process',
  door2: 'wall',
  door3: 'your machine',
  sticker: (port: string) => `EXPOSE ${port}`,
  published: (from: string, to: string) => `${from} → ${to}`,
  showIt: 'The command that shows it',
  goal: 'to do',
  writable: 'writable layer',
  disconnected: 'The connection is lost. Trying again…',
  engineGone: 'The engine does not answer. `manufacture up` brings it back; this page goes on by itself.',
  newTerminal: 'New terminal',
  terminalEnded: 'The shell has ended.',
  leaveTerminal: 'Shift+Tab leaves the terminal',
  screenReader: 'Screen reader',
  saved: 'saved',
  unsaved: 'not saved',
  save: 'Save',
  conflict: 'This file has changed on disk as well. Nothing was lost: choose which text stays.',
  keepMine: 'Keep mine',
  takeDisk: 'Take the one on disk',
  files: 'Files',
  address: 'Address',
  go: 'Go',
  openOutside: 'Open in a tab',
  onlyLocal: 'Only addresses of this machine: http://localhost:…',
  preparing: 'Preparing the workshop…',
  explain: 'Explain',
  noLessons: 'No lesson is installed.',
  problems: (n: number) => `${n} mistakes in lesson files`,
  shortcuts: {
    title: 'Keys',
    f6: 'next pane, Shift+F6 the one before',
    help: 'this help',
    map: 'all lessons',
    arrows: 'next and previous lesson',
    leave: 'leave the terminal',
  },
  captions: {
    create: (name: string, image: string) => `Container ${name} is made from ${image}.`,
    start: (name: string) => `Container ${name} runs.`,
    die: (name: string, code: string) => `Container ${name} has ended, code ${code}.`,
    destroy: (name: string) => `Container ${name} is removed.`,
    pause: (name: string) => `Container ${name} is paused.`,
    unpause: (name: string) => `Container ${name} goes on.`,
    kill: (name: string, signal: string) => `Signal ${signal} to ${name}.`,
    pull: (name: string) => `Image ${name} has arrived.`,
    tag: (name: string) => `The name ${name} points to an image.`,
    untag: (name: string) => `The name ${name} is taken away.`,
    delete: (name: string) => `Image ${name} is deleted.`,
    networkCreate: (name: string) => `Network ${name} is there.`,
    networkDestroy: (name: string) => `Network ${name} is gone.`,
    volumeCreate: (name: string) => `Volume ${name} is there.`,
    volumeDestroy: (name: string) => `Volume ${name} is gone.`,
    task: 'Task done.',
  },
}

export type Words = typeof en
