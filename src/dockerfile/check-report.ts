import { type CheckConfig, withComments } from './check-config.ts'
import { type RuleName, rules } from './check-rules.ts'
import type { DockerfilePlatform } from './platform.ts'
import type { Range } from './position.ts'
import { DockerfileError } from './syntax-error.ts'

export interface CheckWarning {
  readonly rule: RuleName
  readonly message: string
  readonly description: string
  readonly url: string
  readonly range: Range
  readonly startLine: number
  readonly endLine: number
}

/** What a base image brings that checks depend on. */
export interface BaseConfig {
  readonly environment: readonly string[]
  readonly shell: boolean
}

export interface IgnoreFile {
  /** Whether some pattern begins with `!`. */
  readonly exceptions: boolean
  readonly patterns: readonly string[]
  /** Whether the path, or a folder above it, is excluded. */
  excludes(path: string): boolean
}

export interface CheckOptions {
  readonly buildArgs?: Readonly<Record<string, string>>
  readonly target?: string
  /** Indexes of the stages that are built; without it all are checked. */
  readonly stages?: ReadonlySet<number>
  readonly buildPlatform?: DockerfilePlatform
  readonly targetPlatform?: DockerfilePlatform
  /** What is known of the image that the stage stands on; undefined is "only PATH". */
  readonly baseConfig?: (stage: number) => BaseConfig | undefined
  readonly ignore?: IgnoreFile
}

export interface CheckResult {
  readonly warnings: readonly CheckWarning[]
  /** Docker's sentence where the file asks (`# check=error=true`) that warnings make the build fail. */
  readonly violation?: string
}

export interface Place {
  readonly range: Range
  readonly startLine: number
  readonly endLine: number
}

/** Collects what is not switched off. */
export class Report {
  readonly warnings: CheckWarning[] = []
  config: CheckConfig

  constructor(config: CheckConfig) {
    this.config = config
  }

  warn(rule: RuleName, place: Place, message: string): void {
    const { description, url, ...rest } = rules[rule]
    const wanted =
      'experimental' in rest
        ? this.config.experimentalAll || this.config.experimental.has(rule)
        : !this.config.skipAll && !this.config.skip.has(rule)
    if (!wanted) return
    const { range, startLine, endLine } = place
    this.warnings.push({ rule, message, description, url, range, startLine, endLine })
  }

  /** With a `# check=…` comment that stands above an instruction. */
  under(comments: readonly string[], check: () => void): void {
    const outer = this.config
    this.config = withComments(outer, comments)
    try {
      check()
    } finally {
      this.config = outer
    }
  }
}

/** A fault in an expansion is told by the build itself, not by a check. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof DockerfileError) return undefined
    throw error
  }
}
