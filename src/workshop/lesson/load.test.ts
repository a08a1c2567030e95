import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { problemText } from './lesson-problem.ts'
import { loadLessons } from './load.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lessons-'))
  await mkdir(join(root, '10-docker'))
  await writeFile(join(root, '10-docker/chapter.yaml'), 'en: Docker\nfr: Docker\n')
})

afterEach(async () => {
  await rm(root, { recursive: true })
})

const yaml = `id: docker.first
minutes: 5
tasks:
  pulled:
    check: { image: { name: busybox } }
    seen:
      - when: { image: { name: /busy/ } }
        say: other-tag
solve:
  pulled: [docker pull busybox]
`
const prose =
  '# Title\nLead.\n\n:::task pulled\nType:\n\n```sh\ndocker pull busybox\n```\n:::\n:::seen other-tag\nNo.\n:::\n'

async function lesson(name: string, files: Record<string, string>): Promise<void> {
  const folder = join(root, '10-docker', name)
  await mkdir(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
}

test('a lesson loads with its blocks in both languages', async () => {
  await lesson('010-first', { 'lesson.yaml': yaml, 'en.md': prose, 'fr.md': prose })
  const { lessons, problems } = await loadLessons(root)
  expect(problems).toEqual([])
  expect(lessons.map((one) => one.id)).toEqual(['docker.first'])
  expect(lessons[0]?.prose.fr.blocks.map(({ kind, id, code }) => ({ kind, id, code }))).toEqual([
    { kind: 'task', id: 'pulled', code: ['docker pull busybox'] },
    { kind: 'seen', id: 'other-tag', code: [] },
  ])
})

test('a mistake is told with file, line and what was expected, and the other lessons load', async () => {
  await lesson('010-first', { 'lesson.yaml': yaml, 'en.md': prose, 'fr.md': prose })
  await lesson('020-bad', {
    'lesson.yaml': yaml.replace('name: busybox', 'nmae: busybox').replace('docker.first', 'docker.bad'),
    'en.md': prose,
    'fr.md': '# Titre\n:::tache pulled\n:::\n',
  })
  const { lessons, problems } = await loadLessons(root)
  expect(lessons).toHaveLength(1)
  expect(problems.map(problemText)).toEqual([
    '10-docker/020-bad/lesson.yaml:5: tasks.pulled.check.image: unknown field "nmae"',
    '10-docker/020-bad/fr.md:2: unknown block "tache": expected one of task, hints, seen, predict, concept, why, break, debrief, real, golf, challenge, story',
    '10-docker/020-bad/fr.md:3: a block ends here that has not begun',
  ])
})

test('a check of no known kind, or of two, is told at its line', async () => {
  await lesson('010-first', {
    'lesson.yaml': yaml.replace('{ name: /busy/ } }', '{ name: /busy/ }, sh: "true" }'),
    'en.md': prose,
    'fr.md': prose,
  })
  const { problems } = await loadLessons(root)
  expect(problems.map(problemText)).toEqual([
    '10-docker/010-first/lesson.yaml:7: tasks.pulled.seen.0.when: expected exactly one check: all, any, not, image, container, network, volume, http, file, answer, event, ran or sh',
  ])
})

test('the same id twice is refused', async () => {
  await lesson('010-first', { 'lesson.yaml': yaml, 'en.md': prose, 'fr.md': prose })
  await lesson('020-second', { 'lesson.yaml': yaml, 'en.md': prose, 'fr.md': prose })
  const { problems } = await loadLessons(root)
  expect(problems.map((problem) => problem.message)).toEqual(['the id docker.first is taken by 10-docker/010-first'])
})
