/** The door of workshop/: lessons on any Docker Engine API, and the server of the page. */
export { lintLessons } from './author/lint.ts'
export { type Proof, proveLesson } from './author/prove.ts'
export { problemText } from './lesson/lesson-problem.ts'
export { loadLessons } from './lesson/load.ts'
export { Workshop, type WorkshopOptions } from './run/workshop.ts'
export { serveWorkshop, type WorkshopServer, type WorkshopServerOptions } from './server/workshop-server.ts'
export { Terminals } from './terminal/terminals.ts'
