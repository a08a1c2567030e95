// The workshop in a process of its own; see room-process.ts.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { serveWorkshop, Terminals, Workshop } from '../workshop/index.ts'

export interface WorkshopReady {
  link: string
  port: number
}

const { values } = parseArgs({
  options: {
    state: { type: 'string' },
    docker: { type: 'string' },
    registry: { type: 'string' },
    lessons: { type: 'string' },
    work: { type: 'string' },
    path: { type: 'string' },
    port: { type: 'string' },
    kubeconfig: { type: 'string' },
    version: { type: 'string', default: '' },
  },
})

const root = fileURLToPath(new URL('../..', import.meta.url))
const stateDir = values.state ?? ''
const log = pino(
  { base: null, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ fd: 2, sync: true }),
).child({
  room: 'workshop',
})
process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'))

async function remembered(name: string): Promise<string | undefined> {
  return await readFile(join(stateDir, name), 'utf8').then(
    (text) => text.trim() || undefined,
    () => undefined,
  )
}

const stopAsked = new Promise<void>((resolve) => {
  process.once('SIGTERM', () => resolve())
  process.stdin.once('end', () => resolve())
  process.stdin.resume()
})

await mkdir(stateDir, { recursive: true })
const env: NodeJS.ProcessEnv = {
  ...process.env,
  DOCKER_HOST: values.docker,
  DOCKER_BUILDKIT: '0',
  ...(values.path ? { PATH: values.path } : {}),
  ...(values.kubeconfig ? { KUBECONFIG: values.kubeconfig } : {}),
}
delete env.NODE_COMPILE_CACHE

await using workshop = await Workshop.start({
  docker: values.docker ?? '',
  lessonsDir: values.lessons ?? join(root, 'lessons'),
  workDir: values.work ?? join(stateDir, 'files'),
  stateDir,
  env,
  log,
  ...(values.registry ? { registry: values.registry } : {}),
})
using terminals = await Terminals.open({
  folder: () => workshop.folder ?? workshop.options.workDir,
  env: () => ({ ...env, ...workshop.variables }),
  rcFolder: stateDir,
  onCommand: ({ command, exitCode }) => workshop.session?.commandTyped(command, exitCode),
})
workshop.onEvent((event) => {
  if (event.kind === 'opened' && workshop.folder !== undefined) terminals.goTo(workshop.folder)
})
const asked = values.port === undefined ? undefined : Number(values.port)
const token = await remembered('token')
const serve = async (port: number) =>
  await serveWorkshop({
    workshop,
    terminals,
    webDir: join(root, 'dist/web'),
    version: values.version,
    log,
    port,
    ...(token ? { token } : {}),
  })
// The port of last time, so that an open page finds its server again.
const port = asked ?? Number((await remembered('port')) ?? '0')
await using server = await serve(port).catch(async (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE' || asked) throw error
  return await serve(0)
})
await writeFile(join(stateDir, 'port'), `${server.port}\n`)
await writeFile(join(stateDir, 'token'), `${new URL(server.link).searchParams.get('token')}\n`, { mode: 0o600 })
process.stdout.write(`${JSON.stringify({ link: server.link, port: server.port } satisfies WorkshopReady)}\n`)

const current = workshop.progress.value.current ?? workshop.lessons[0]?.id
if (current !== undefined && workshop.lessons.some((lesson) => lesson.id === current)) {
  await workshop.open(current).catch((error) => log.error({ err: error, lesson: current }, 'the lesson did not open'))
}
await stopAsked
