import type { Range } from './position.ts'

/** `<<EOF`: its word, how it is to be treated, and its lines. */
export interface Heredoc {
  readonly name: string
  readonly fileDescriptor: number
  /** False where part of the word was quoted: variables in the content stay as they are. */
  readonly expand: boolean
  /** `<<-`: leading tabs are taken away when the content is used. */
  readonly chomp: boolean
  readonly content: string
}

/** One instruction as written: cut into words, not yet understood. */
export interface Node {
  /** The keyword in the author's casing. */
  readonly keyword: string
  readonly flags: readonly string[]
  readonly args: readonly string[]
  /** True where the arguments were a JSON array of strings. */
  readonly json: boolean
  /** The text where a JSON array was begun but could not be read, so that the shell form was taken. */
  readonly jsonFault?: string
  /** The whole logical line, continuations joined. */
  readonly original: string
  readonly heredocs: readonly Heredoc[]
  /** The comments directly above. */
  readonly comments: readonly string[]
  readonly range: Range
  /** Where each physical part of the instruction begins, for arguments' own positions. */
  readonly startLine: number
  readonly endLine: number
  /** The instruction behind ONBUILD. */
  readonly trigger?: Node
}

export interface Directive {
  readonly name: 'syntax' | 'escape' | 'check'
  readonly value: string
  readonly line: number
}

interface InstructionBase {
  /** The logical line as written, trimmed. */
  readonly source: string
  /** The keyword in the author's casing. */
  readonly keyword: string
  readonly range: Range
  readonly startLine: number
  readonly endLine: number
  readonly comments: readonly string[]
}

export interface KeyValue {
  readonly key: string
  readonly value: string
  /** `ENV key value`: the old form, with a space. */
  readonly legacy: boolean
}

export interface ArgDefinition {
  readonly key: string
  readonly value?: string
  /** What the comment above says about it (`# NAME what it is for`). */
  readonly description?: string
}

export interface CommandLine {
  /** JSON form: the words. Shell form: one string. */
  readonly words: readonly string[]
  readonly shell: boolean
  readonly heredocs: readonly Heredoc[]
}

export interface InlineFile {
  readonly name: string
  readonly content: string
  readonly expand: boolean
}

export interface Sources {
  readonly paths: readonly string[]
  readonly files: readonly InlineFile[]
  readonly destination: string
}

export type MountType = 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh'

/** `RUN --mount=…`, understood. */
export interface Mount {
  readonly type: MountType
  readonly from: string
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  readonly sizeBytes: number
  readonly id: string
  readonly sharing: '' | 'shared' | 'private' | 'locked'
  readonly required: boolean
  readonly env?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
}

export interface Healthcheck {
  readonly test: readonly string[]
  /** Durations are in nanoseconds, as in the image's configuration; 0 is "inherit". */
  readonly interval: number
  readonly timeout: number
  readonly startPeriod: number
  readonly startInterval: number
  readonly retries: number
}

export interface EnvInstruction extends InstructionBase {
  readonly kind: 'env'
  readonly pairs: readonly KeyValue[]
}
export interface LabelInstruction extends InstructionBase {
  readonly kind: 'label'
  readonly pairs: readonly KeyValue[]
}
export interface ArgInstruction extends InstructionBase {
  readonly kind: 'arg'
  readonly args: readonly ArgDefinition[]
}
export interface RunInstruction extends InstructionBase {
  readonly kind: 'run'
  readonly command: CommandLine
  /** As written: variables in them are expanded when the step is made. See parseMount. */
  readonly mounts: readonly string[]
  readonly network: 'default' | 'none' | 'host'
  readonly security: 'sandbox' | 'insecure'
  readonly devices: readonly string[]
}
export interface CmdInstruction extends InstructionBase {
  readonly kind: 'cmd'
  readonly command: CommandLine
}
export interface EntrypointInstruction extends InstructionBase {
  readonly kind: 'entrypoint'
  readonly command: CommandLine
}
export interface CopyInstruction extends InstructionBase {
  readonly kind: 'copy'
  readonly sources: Sources
  readonly from: string
  readonly chown: string
  readonly chmod: string
  readonly link: boolean
  readonly parents: boolean
  readonly exclude: readonly string[]
}
export interface AddInstruction extends InstructionBase {
  readonly kind: 'add'
  readonly sources: Sources
  readonly chown: string
  readonly chmod: string
  readonly link: boolean
  readonly exclude: readonly string[]
  readonly checksum: string
  readonly keepGitDir?: boolean
  readonly unpack?: boolean
}
export interface WorkdirInstruction extends InstructionBase {
  readonly kind: 'workdir'
  readonly path: string
}
export interface UserInstruction extends InstructionBase {
  readonly kind: 'user'
  readonly user: string
}
export interface VolumeInstruction extends InstructionBase {
  readonly kind: 'volume'
  readonly paths: readonly string[]
}
export interface ExposeInstruction extends InstructionBase {
  readonly kind: 'expose'
  readonly ports: readonly string[]
}
export interface StopSignalInstruction extends InstructionBase {
  readonly kind: 'stopsignal'
  readonly signal: string
}
export interface ShellInstruction extends InstructionBase {
  readonly kind: 'shell'
  readonly shell: readonly string[]
}
export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: 'healthcheck'
  readonly health: Healthcheck
}
export interface MaintainerInstruction extends InstructionBase {
  readonly kind: 'maintainer'
  readonly maintainer: string
}
export interface OnbuildInstruction extends InstructionBase {
  readonly kind: 'onbuild'
  /** The trigger's own text, here-documents included, as it is stored in the image. */
  readonly expression: string
}

export type Instruction =
  | EnvInstruction
  | LabelInstruction
  | ArgInstruction
  | RunInstruction
  | CmdInstruction
  | EntrypointInstruction
  | CopyInstruction
  | AddInstruction
  | WorkdirInstruction
  | UserInstruction
  | VolumeInstruction
  | ExposeInstruction
  | StopSignalInstruction
  | ShellInstruction
  | HealthcheckInstruction
  | MaintainerInstruction
  | OnbuildInstruction

/** `FROM base AS name` and what stands under it. */
export interface Stage extends InstructionBase {
  readonly kind: 'from'
  /** Lowercased; empty where there is no AS. */
  readonly name: string
  readonly base: string
  readonly platform: string
  readonly description?: string
  readonly instructions: readonly Instruction[]
}

/** A Dockerfile, read. */
export interface Dockerfile {
  readonly directives: readonly Directive[]
  readonly escape: '\\' | '`'
  readonly nodes: readonly Node[]
  /** The ARGs before the first FROM. */
  readonly globalArgs: readonly ArgInstruction[]
  readonly stages: readonly Stage[]
  /** Instructions with an empty line inside their continuation. */
  readonly emptyContinuations: readonly { readonly line: number; readonly text: string }[]
}
