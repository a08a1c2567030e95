import type { BuildRecord, BuildStepInputs, BuildStepRecord, CacheReason } from './contract.ts'

/** The earlier build that this one is compared with: of the same name, or of the same file. */
export function comparableBuild(
  builds: readonly BuildRecord[],
  now: { readonly tags: readonly string[]; readonly dockerfile: string; readonly source: string },
): BuildRecord | undefined {
  const named = builds.find((build) => build.steps.length > 0 && build.tags.some((tag) => now.tags.includes(tag)))
  if (named) return named
  const first = (source: string) => /^\s*FROM\s+(.*)$/im.exec(source)?.[1]
  return builds.find(
    (build) =>
      build.steps.length > 0 && build.dockerfile === now.dockerfile && first(build.source) === first(now.source),
  )
}

function firstDifference(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string | undefined {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].find((name) => before[name] !== after[name])
}

function asRecord(environment: readonly string[]): Record<string, string> {
  return Object.fromEntries(environment.map((entry) => entry.split(/=(.*)/s).slice(0, 2)))
}

/** Which input changed. `broken` is the step below that had to be done anew, if one had. */
export function missReason(
  previous: BuildStepRecord | undefined,
  now: { readonly instruction: string; readonly inputs: BuildStepInputs },
  broken: string | undefined,
): CacheReason {
  if (!previous) return { kind: 'never-built' }
  const { inputs: before } = previous
  const { inputs: after } = now
  if (previous.instruction !== now.instruction)
    return { kind: 'instruction-changed', before: previous.instruction, after: now.instruction }
  const argument = firstDifference(before.args, after.args)
  if (argument !== undefined)
    return {
      kind: 'argument-changed',
      name: argument,
      ...(before.args[argument] === undefined ? {} : { before: before.args[argument] }),
      ...(after.args[argument] === undefined ? {} : { after: after.args[argument] }),
    }
  const variable = firstDifference(asRecord(before.environment), asRecord(after.environment))
  if (variable !== undefined) return { kind: 'environment-changed', name: variable }
  if (before.effective !== after.effective)
    return { kind: 'instruction-changed', before: before.effective, after: after.effective }
  if (before.source !== after.source) {
    const files = filesReason(before.files, after.files)
    return files ?? { kind: 'source-changed', source: now.instruction }
  }
  if (before.parent !== after.parent) return { kind: 'parent-changed', parent: broken ?? 'FROM' }
  return { kind: 'record-pruned' }
}

function filesReason(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): CacheReason | undefined {
  const added = Object.keys(after).filter((path) => !Object.hasOwn(before, path))
  const removed = Object.keys(before).filter((path) => !Object.hasOwn(after, path))
  const changed = Object.keys(after).filter((path) => Object.hasOwn(before, path) && before[path] !== after[path])
  if (added.length + removed.length + changed.length === 0) return undefined
  return { kind: 'files-changed', added, changed, removed }
}
