import { globalArguments, platformArguments } from './arguments.ts'
import { goQuote } from './characters.ts'
import { type CheckConfig, defaultCheckConfig, parseCheckConfig } from './check-config.ts'
import { attempt, type CheckOptions, type CheckResult, Report } from './check-report.ts'
import { checkStages } from './check-stages.ts'
import { type Expansion, expandWord } from './expand.ts'
import { isImageName } from './image-name.ts'
import { type DockerfilePlatform, parseDockerfilePlatform } from './platform.ts'
import { nearest } from './suggest.ts'
import type { Dockerfile, Node, Stage } from './syntax.ts'
import { DockerfileError } from './syntax-error.ts'

const linux: DockerfilePlatform = { os: 'linux', architecture: 'amd64', variant: '' }

/** BuildKit's build checks. Throws a DockerfileError where the `check` directive itself cannot be read. */
export function checkDockerfile(file: Dockerfile, options: CheckOptions = {}): CheckResult {
  const report = new Report(configOf(file))
  for (const { line } of file.emptyContinuations) {
    const node = file.nodes.find((candidate) => candidate.startLine <= line && candidate.endLine >= line)
    if (node) report.warn('NoEmptyContinuation', { ...node, startLine: line, endLine: line }, 'Empty continuation line')
  }
  for (const node of file.nodes) report.under(node.comments, () => checkNode(node, report))
  checkStageNames(file.stages, report)
  checkCasing(file.stages, report)
  const build = options.buildPlatform ?? linux
  const predefined = platformArguments(
    build,
    options.targetPlatform ?? build,
    options.target ?? file.stages.at(-1)?.name ?? '',
    options.buildArgs,
  )
  checkDefaultArguments(file, predefined, report)
  const globals = attempt(() => globalArguments(predefined, file.globalArgs, options.buildArgs ?? {}, file.escape))
  if (globals) {
    for (const stage of file.stages)
      report.under(stage.comments, () => checkFrom(stage, file, globals.values, globals.declared, build, report))
    checkStages(file, globals.values, options, report)
  }
  return { warnings: report.warnings, ...violation(report) }
}

function configOf(file: Dockerfile): CheckConfig {
  const directive = file.directives.find(({ name }) => name === 'check')
  if (!directive) return defaultCheckConfig
  try {
    return parseCheckConfig(directive.value.split(' ')[0] ?? '')
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw new DockerfileError(`failed to parse check options: ${error.reason}`, { ...error })
  }
}

function violation(report: Report): { violation?: string } {
  if (!report.config.error || report.warnings.length === 0) return {}
  const names = [...new Set(report.warnings.map(({ rule }) => rule))]
  return { violation: `lint violation found for rules: ${names.join(', ')}` }
}

function checkNode(node: Node, report: Report): void {
  const keyword = node.keyword.toLowerCase()
  if (keyword === 'maintainer')
    report.warn('MaintainerDeprecated', node, 'Maintainer instruction is deprecated in favor of using label')
  const describe = (instruction: string, names: readonly string[]) => {
    const comment = node.comments.at(-1)
    const [name] = names
    if (comment === undefined || name === undefined || names.includes(comment.split(' ')[0] ?? '')) return
    const example = names.length > 1 ? '<arg_key>' : name
    report.warn(
      'InvalidDefinitionDescription',
      node,
      `Comment for ${instruction} should follow the format: \`# ${example} <description>\``,
    )
  }
  if (keyword === 'arg')
    describe(
      'ARG',
      node.args.map((word) => word.split('=')[0] ?? ''),
    )
  if (keyword !== 'from') return
  const [, as = '', name = ''] = node.args
  if (node.args.length === 3 && name !== name.toLowerCase())
    report.warn('StageNameCasing', node, `Stage name '${name}' should be lowercase`)
  if (node.args.length >= 3) {
    const lower = node.keyword === node.keyword.toLowerCase()
    const upper = node.keyword === node.keyword.toUpperCase()
    if ((lower && as !== as.toLowerCase()) || (!lower && upper && as !== as.toUpperCase()))
      report.warn('FromAsCasing', node, `'${as}' and '${node.keyword}' keywords' casing do not match`)
  }
  if (name !== '') describe('FROM', [name.toLowerCase()])
}

function checkStageNames(stages: readonly Stage[], report: Report): void {
  const seen = new Set<string>()
  for (const stage of stages) {
    if (stage.name === '') continue
    if (stage.name === 'context' || stage.name === 'scratch')
      report.warn(
        'ReservedStageName',
        stage,
        `Stage name should not use the same name as reserved stage ${goQuote(stage.name)}`,
      )
    if (seen.has(stage.name))
      report.warn(
        'DuplicateStageName',
        stage,
        `Duplicate stage name ${goQuote(stage.name)}, stage names should be unique`,
      )
    seen.add(stage.name)
  }
}

function checkCasing(stages: readonly Stage[], report: Report): void {
  const all = stages.flatMap((stage) => [stage, ...stage.instructions])
  const lower = all.filter(({ keyword }) => keyword === keyword.toLowerCase()).length
  const upper = all.filter(
    ({ keyword }) => keyword === keyword.toUpperCase() && keyword !== keyword.toLowerCase(),
  ).length
  const casing = lower > upper ? 'lowercase' : 'uppercase'
  for (const instruction of all) {
    const { keyword } = instruction
    if (keyword === (lower > upper ? keyword.toLowerCase() : keyword.toUpperCase())) continue
    report.warn(
      'ConsistentInstructionCasing',
      instruction,
      `Command '${keyword}' should match the case of the command majority (${casing})`,
    )
  }
}

function checkDefaultArguments(file: Dockerfile, predefined: ReadonlyMap<string, string>, report: Report): void {
  const defaults = attempt(() => globalArguments(predefined, file.globalArgs, {}, file.escape))
  if (!defaults) return
  for (const stage of file.stages) {
    const name = attempt(() => expandWord(stage.base, defaults.values, { escape: file.escape }))
    if (!name) return
    if (!isImageName(name.result))
      report.warn(
        'InvalidDefaultArgInFrom',
        stage,
        `Default value for ARG ${stage.base} results in empty or invalid base image name`,
      )
  }
}

function checkFrom(
  stage: Stage,
  file: Dockerfile,
  globals: ReadonlyMap<string, string>,
  declared: ReadonlySet<string>,
  host: DockerfilePlatform,
  report: Report,
): void {
  const known = new Set([...declared, ...globals.keys()])
  const undeclared = (expansion: Expansion) => {
    for (const name of expansion.unmatched) {
      if (known.has(name)) continue
      const suggestion = nearest(name, known, true)
      report.warn(
        'UndefinedArgInFrom',
        stage,
        `FROM argument '${name}' is not declared${suggestion ? ` (did you mean ${suggestion}?)` : ''}`,
      )
    }
  }
  const base = attempt(() => expandWord(stage.base, globals, { escape: file.escape }))
  if (base) undeclared(base)
  if (stage.platform === '') return
  const platform = attempt(() => expandWord(stage.platform, globals, { escape: file.escape }))
  if (!platform) return
  undeclared(platform)
  const { matched, unmatched, result } = platform
  if (
    matched.size === 1 &&
    unmatched.size === 0 &&
    matched.has('TARGETPLATFORM') &&
    result === globals.get('TARGETPLATFORM')
  )
    report.warn(
      'RedundantTargetPlatform',
      stage,
      `Setting platform to predefined ${stage.platform} in FROM is redundant as this is the default behavior`,
    )
  if (matched.size > 0 || unmatched.size > 0) return
  const parsed = attempt(() => parseDockerfilePlatform(result, host))
  if (!parsed || stage.name.includes(parsed.os) || stage.name.includes(parsed.architecture)) return
  report.warn(
    'FromPlatformFlagConstDisallowed',
    stage,
    `FROM --platform flag should not use constant value ${goQuote(result)}`,
  )
}
