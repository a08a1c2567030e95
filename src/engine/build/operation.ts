import type { Mount } from '../../dockerfile/index.ts'
import type { ImageRunConfig } from '../../oci/index.ts'

/** Where files come from. */
export type Source =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'image'; readonly reference: string }

export interface InlineContent {
  readonly name: string
  readonly content: string
}

export interface CopyOperation {
  readonly type: 'copy'
  readonly command: 'COPY' | 'ADD'
  readonly source: Source
  readonly paths: readonly string[]
  readonly files: readonly InlineContent[]
  /** Absolute; ends in a slash where it must be a folder. */
  readonly destination: string
  /** As the author wrote it, for the history. */
  readonly writtenDestination: string
  readonly chown: string
  readonly chmod: string
  readonly link: boolean
  readonly parents: boolean
  readonly exclude: readonly string[]
  readonly checksum: string
  /** Whether archives are unpacked; undefined is ADD's own rule: local ones are. */
  readonly unpack: boolean | undefined
  readonly keepGitDir: boolean
}

export interface RunMount extends Mount {
  /** Absolute. */
  readonly target: string
  readonly origin: Source
}

export interface RunOperation {
  readonly type: 'run'
  readonly args: readonly string[]
  readonly env: readonly string[]
  /** Proxy settings: seen by the command, of no account for the cache. */
  readonly proxies: readonly string[]
  readonly user: string
  readonly cwd: string
  readonly mounts: readonly RunMount[]
  readonly network: 'default' | 'none' | 'host'
  /** A here-document with a shebang: a file that is run. */
  readonly script?: InlineContent
}

export interface WorkdirOperation {
  readonly type: 'workdir'
  readonly path: string
  readonly user: string
}

export type Operation = CopyOperation | RunOperation | WorkdirOperation

/** What an instruction comes to, once variables have their values. */
export interface Step {
  /** As `Step 1/6 : …` prints it. */
  readonly source: string
  readonly kind: string
  readonly line: number
  readonly endLine: number
  /** Run because of ONBUILD in the base image: has no number of its own. */
  readonly trigger: boolean
  /** The image's configuration after this step. */
  readonly config: ImageRunConfig
  readonly author: string | undefined
  /** For the history; a copy's hash of its sources comes in its place. */
  readonly createdBy: (sourceHash: string) => string
  /** Undefined: only the configuration changes. */
  readonly operation: Operation | undefined
  /** ARGs in scope and their values, for the reasons. */
  readonly args: Readonly<Record<string, string>>
  readonly environment: readonly string[]
  /** `Note: …` or `[Warning] …` lines of the step. */
  readonly notes: readonly string[]
}
