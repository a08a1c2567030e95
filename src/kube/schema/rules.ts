import type {
  FieldError,
  FieldRequirement,
  JsonObject,
  KubeObject,
  Printer,
  ScaleMapping,
  Unchecked,
  WriteContext,
} from './contract.ts'
import type { NameRule } from './validation/names.ts'

/** What one kind does besides what its fields say. Everything that is left out has Kubernetes' common behaviour. */
export interface KindRules<T = KubeObject> {
  /** The rule of metadata.name; a DNS subdomain where none is given. */
  readonly name?: NameRule
  /** Fills in defaults, in place. */
  defaults?(object: Unchecked<T>): void
  /** What is wrong with a new object, its metadata aside. */
  validate?(object: Unchecked<T>, context: WriteContext): FieldError[]
  /** What is wrong with a change, the metadata's own rules aside. Validation of the whole is up to this too. */
  validateUpdate?(object: Unchecked<T>, old: Unchecked<T>, context: WriteContext): FieldError[]
  prepareForCreate?(object: Unchecked<T>, context: WriteContext): void
  prepareForUpdate?(object: Unchecked<T>, old: Unchecked<T>, context: WriteContext): void
  warningsOnCreate?(object: Unchecked<T>): string[]
  warningsOnUpdate?(object: Unchecked<T>, old: Unchecked<T>): string[]
  /** Said with every answer, for a kind that has a successor. */
  readonly deprecation?: string
  /** metadata.generation starts at 1 and rises with every change of these fields (all but metadata and status: `*`). */
  readonly generation?: readonly string[] | '*'
  /** metadata.generation is 1 for ever. */
  readonly generationOnce?: boolean
  readonly allowCreateOnUpdate?: boolean
  /** True unless said otherwise. */
  readonly allowUnconditionalUpdate?: boolean
  readonly printer?: PrinterOf<T>
  readonly fields?: FieldLabels<T>
  readonly scale?: ScaleMappingOf<T>
  readonly subresources?: Readonly<Record<string, SubresourceRules<T>>>
}

/** How a subresource is written; what it does not say it has from the common behaviour of `status`. */
export interface SubresourceRules<T = KubeObject> {
  prepareForUpdate?(object: Unchecked<T>, old: Unchecked<T>, context: WriteContext): void
  validateUpdate?(object: Unchecked<T>, old: Unchecked<T>, context: WriteContext): FieldError[]
}

export interface PrinterOf<T> {
  readonly columns: Printer['columns']
  cells(object: Unchecked<T>, nowMs: number): ReturnType<Printer['cells']>
  rowConditions?(object: Unchecked<T>): JsonObject[] | undefined
}

export interface FieldLabels<T = KubeObject> {
  /** Labels besides metadata.name and metadata.namespace. */
  readonly supported: readonly string[]
  /** Values of those labels. */
  of(object: Unchecked<T>): Record<string, string>
  /** Another name for the same field (`spec.host` → `spec.nodeName`). */
  convert?(requirement: FieldRequirement): FieldRequirement | undefined
  /** The sentence of the refusal, where it is not the common one. */
  readonly refusal?: string
}

export interface ScaleMappingOf<T> {
  specReplicas(object: Unchecked<T>): number
  statusReplicas(object: Unchecked<T>): number
  selector(object: Unchecked<T>): string
  setReplicas(object: Unchecked<T>, replicas: number): void
}

/** Gives one kind's rules their place in the table of all: `T` is known here and nowhere else. */
export function defineKind<T>(rules: KindRules<T>): KindRules {
  return rules as unknown as KindRules
}

export type { ScaleMapping }
