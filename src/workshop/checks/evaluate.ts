import { execFile } from 'node:child_process'
import type { AnswerCheck, Check, EventCheck } from '../lesson/format.ts'
import { evaluateContainer } from './container-check.ts'
import type { CheckContext } from './context.ts'
import { evaluateFile } from './file-check.ts'
import { evaluateHttp } from './http-check.ts'
import { evaluateImage } from './image-check.ts'
import { evaluateNetwork, evaluateVolume } from './network-check.ts'
import { met, unmet, type Verdict } from './observation.ts'
import { matches, matchesAll, within, withTag } from './pattern.ts'

const shLimitMs = 10_000

/** What a check depends on: decides after which changes it is looked at again. */
export type Source = 'docker' | 'files' | 'answers' | 'terminal' | 'clock'

export function sourcesOf(check: Check): Set<Source> {
  if ('all' in check) return new Set(check.all.flatMap((one) => [...sourcesOf(one)]))
  if ('any' in check) return new Set(check.any.flatMap((one) => [...sourcesOf(one)]))
  if ('not' in check) return sourcesOf(check.not)
  if ('file' in check) return new Set(['files'])
  if ('answer' in check) return new Set(check.answer.equalsFact ? ['answers', 'docker'] : ['answers'])
  if ('ran' in check) return new Set(['terminal'])
  // No engine has an event for "a program has begun to listen" or "a line was logged".
  if ('http' in check) return new Set(['docker', 'clock'])
  if ('container' in check && (check.container.listens || check.container.logs || check.container.process)) {
    return new Set(['docker', 'clock'])
  }
  if ('sh' in check) return new Set(check.watch ?? ['docker', 'files'])
  return new Set(['docker'])
}

export async function evaluate(check: Check, context: CheckContext): Promise<Verdict> {
  if ('all' in check) {
    for (const one of check.all) {
      const verdict = await evaluate(one, context)
      if (!verdict.met) return verdict
    }
    return met
  }
  if ('any' in check) {
    let first: Verdict | undefined
    for (const one of check.any) {
      const verdict = await evaluate(one, context)
      if (verdict.met) return verdict
      first ??= verdict
    }
    return first ?? met
  }
  if ('not' in check) {
    const verdict = await evaluate(check.not, context)
    return verdict.met ? unmet({ what: 'exists', name: subject(check.not) }) : met
  }
  if ('image' in check) return await evaluateImage(check.image, context)
  if ('container' in check) return await evaluateContainer(check.container, context)
  if ('network' in check) return evaluateNetwork(check.network, context)
  if ('volume' in check) return evaluateVolume(check.volume, context)
  if ('http' in check) return await evaluateHttp(check.http)
  if ('file' in check) return await evaluateFile(check.file, context.folder)
  if ('answer' in check) return await evaluateAnswer(check.answer, context)
  if ('event' in check) return evaluateEvent(check.event, context)
  if ('ran' in check) {
    const { command, exit } = check.ran
    const good = context.typed.some(
      (line) => matches(command, line.command) && (exit === undefined || line.exitCode === exit),
    )
    return good ? met : unmet({ what: 'not-typed', command })
  }
  return await evaluateScript(check.sh, context)
}

function subject(check: Check): string {
  if ('container' in check) return check.container.name ?? check.container.image ?? ''
  if ('image' in check) return check.image.name ?? ''
  if ('network' in check) return check.network.name
  if ('volume' in check) return check.volume.name
  if ('file' in check) return check.file.path
  return ''
}

function evaluateEvent(check: EventCheck, { world, sinceNano }: CheckContext): Verdict {
  const found = world.events.filter((event) => {
    if (event.timeNano < sinceNano || event.Type !== check.type || !matches(check.action, event.Action)) return false
    const { Attributes } = event.Actor
    if (check.name !== undefined && !matches(check.name, Attributes.name ?? event.Actor.ID)) return false
    if (check.image !== undefined && !matches(withTag(check.image), withTag(Attributes.image ?? ''))) return false
    return check.attributes === undefined || matchesAll(check.attributes, Attributes)
  }).length
  return within(check.count ?? { min: 1 }, found)
    ? met
    : unmet({ what: 'not-yet', action: `${check.type} ${check.action}` })
}

async function fact(name: NonNullable<AnswerCheck['equalsFact']>, { world, endpoint }: CheckContext): Promise<string> {
  switch (name) {
    case 'container-count':
      return String(world.containers.size)
    case 'image-count':
      return String(world.images.size)
    case 'dangling-image-id': {
      const dangling = [...world.images.values()].find((image) => (image.RepoTags ?? []).length === 0)
      return dangling?.Id.slice('sha256:'.length, 'sha256:'.length + 12) ?? ''
    }
    case 'server-version':
      return (await endpoint.call<{ Version: string }>('GET', '/version')).Version
    case 'kernel':
      return (await endpoint.call<{ KernelVersion: string }>('GET', '/version')).KernelVersion
  }
}

async function evaluateAnswer(check: AnswerCheck, context: CheckContext): Promise<Verdict> {
  const answer = context.answers.get(check.id)
  if (answer === undefined) return unmet({ what: 'not-answered', id: check.id })
  const given = String(answer).trim()
  if (check.equalsFact) {
    const truth = await fact(check.equalsFact, context)
    return truth !== '' && given === truth ? met : unmet({ what: 'wrong-answer', id: check.id })
  }
  const good = typeof check.is === 'number' ? Number(given) === check.is : matches(check.is ?? '', given)
  return good ? met : unmet({ what: 'wrong-answer', id: check.id })
}

async function evaluateScript(command: string, context: CheckContext): Promise<Verdict> {
  return await new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', command],
      { cwd: context.folder, env: context.env, timeout: shLimitMs },
      (error, stdout, stderr) => {
        resolve(error ? unmet({ what: 'script', output: (stdout || stderr).trim().slice(0, 200) }) : met)
      },
    )
  })
}
