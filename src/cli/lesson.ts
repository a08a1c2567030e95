import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { pino } from 'pino'
import { lintLessons, loadLessons, problemText, proveLesson, Workshop } from '../workshop/index.ts'
import { clientsPath } from './clients.ts'
import { CliError, exitCodes } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { green, print, remark } from './output.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'
import { runningDaemon } from './status.ts'

const ownLessons = fileURLToPath(new URL('../../lessons', import.meta.url))

interface LessonsOption {
  lessons: string
}

async function lint(options: LessonsOption): Promise<void> {
  const { lessons, problems } = await loadLessons(options.lessons)
  const all = [...problems, ...lintLessons(lessons, options.lessons)]
  for (const problem of all) print(problemText(problem))
  if (all.length > 0) throw new CliError(say.lessonProblems(all.length))
  print(say.lessonsGood(lessons.length))
}

async function prove(words: string[], options: LessonsOption & StateOption & { docker?: string }): Promise<void> {
  await lint(options)
  const instance = instanceOf(options)
  const status = options.docker === undefined ? await runningDaemon(instance) : undefined
  const folder = await mkdtemp(join(tmpdir(), 'manufacture-lessons-'))
  try {
    await using workshop = await Workshop.start({
      docker: options.docker ?? status?.addresses.docker ?? '',
      lessonsDir: options.lessons,
      workDir: join(folder, 'files'),
      stateDir: join(folder, 'state'),
      env: { ...process.env, PATH: clientsPath(instance), DOCKER_BUILDKIT: '0' },
      log: pino({ level: 'warn' }, pino.destination(2)),
      ...(status ? { registry: status.addresses.registry } : {}),
    })
    const chosen = workshop.lessons.filter(
      (lesson) => words.length === 0 || words.some((word) => lesson.folder.includes(word) || lesson.id.includes(word)),
    )
    if (chosen.length === 0) throw new CliError(say.unknownLesson(words.join(' ')), { exitCode: exitCodes.usage })
    let failed = 0
    for (const lesson of chosen) {
      const { faults, seconds } = await proveLesson(workshop, lesson)
      print(`${faults.length === 0 ? green('✓') : '✗'} ${lesson.id} (${seconds.toFixed(1)} s)`)
      for (const fault of faults) print(`    ${fault}`)
      if (faults.length > 0) failed++
    }
    if (failed > 0) throw new CliError(say.lessonsFailed(failed, chosen.length))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const template = {
  'lesson.yaml': `id: mine.first
minutes: 10
concepts: []
needs: []
tasks:
  hello:
    check: { container: { image: busybox, state: exited, exitCode: 0 } }
    seen:
      - when: { container: { image: busybox, state: running } }
        say: still-running
solve:
  hello: [docker run busybox true]
wrong:
  - { task: hello, type: [docker run -d --name slow busybox sleep 60], expect: still-running }
owns: { containers: [slow] }
images: [busybox]
`,
  'en.md': `# My lesson
One sentence that says what for.

:::task hello
Run a container that ends at once.

\`\`\`sh
docker run busybox true
\`\`\`
:::

:::hints hello
1. \`docker run\` takes an image and a command.
2. The image is \`busybox\`, the command \`true\`.
3. \`docker run busybox true\`
:::

:::seen still-running
A container of busybox runs: its command has not ended yet.
:::

:::debrief
- A container lives as long as its command.
:::
`,
  'fr.md': `# Ma leçon
Une phrase qui dit à quoi elle sert.

:::task hello
Lancez un conteneur qui se termine aussitôt.

\`\`\`sh
docker run busybox true
\`\`\`
:::

:::hints hello
1. \`docker run\` prend une image et une commande.
2. L'image est \`busybox\`, la commande \`true\`.
3. \`docker run busybox true\`
:::

:::seen still-running
Un conteneur de busybox tourne : sa commande n'est pas encore terminée.
:::

:::debrief
- Un conteneur vit aussi longtemps que sa commande.
:::
`,
}

async function create(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined))
    throw new CliError(say.folderExists(folder), { exitCode: exitCodes.usage })
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(template)) await writeFile(join(folder, name), text)
  const chapter = join(folder, '..', 'chapter.yaml')
  if (!(await stat(chapter).catch(() => undefined))) await writeFile(chapter, 'en: My chapter\nfr: Mon chapitre\n')
  remark(say.lessonCreated(folder))
}

export function lessonCommand(): Command {
  const lessons = ['--lessons <dir>', say.optionLessons, ownLessons] as const
  return new Command('lesson')
    .description(say.lessonDescription)
    .addCommand(
      new Command('new')
        .description(say.lessonNew)
        .argument('<folder>')
        .addHelpText('after', `\n${say.example}:\n  manufacture lesson new my-lessons/10-start/010-first`)
        .action(create),
    )
    .addCommand(
      new Command('lint')
        .description(say.lessonLint)
        .option(...lessons)
        .addHelpText('after', `\n${say.example}:\n  manufacture lesson lint --lessons my-lessons`)
        .action(lint),
    )
    .addCommand(
      instanceCommand('test', say.lessonTest, 'manufacture lesson test', 'manufacture lesson test three-doors')
        .argument('[words...]')
        .option(...lessons)
        .option('--docker <host>', say.optionDocker)
        .action(prove),
    )
}
