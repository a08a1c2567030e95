/**
 * The contract of the schema room: what every kind of Kubernetes 1.36 is, as data and as pure functions.
 *
 *   bytes ──parse──► value ──decodeAs──► object ──defaultObject──► object ──convertObject──► storage version
 *                                                                    │
 *                    strategyOf(resource, subresource): prepareForCreate/-Update → validateCreate/-Update
 *                                                                    │
 *                                       printerOf(resource): columns and cells;  fieldsOf: field selectors
 *
 * Objects are plain JSON (one in-memory form per storage version); nothing here does I/O, reads a clock or draws
 * random numbers.
 */

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json | undefined
}

/** metadata of every object, as far as the API machinery reads it. */
export interface Metadata {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string | null
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  managedFields?: JsonObject[]
  selfLink?: string
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** Any object of the API. Narrow it to a kind with the types of `generated/types.ts`. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  [field: string]: unknown
}

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** One subresource of a resource: its own kind where that differs from the parent's. */
export interface SubresourceInfo {
  /** `status`, `scale`, `log` … */
  readonly name: string
  readonly kind: GroupVersionKind
  readonly verbs: readonly string[]
}

/** What discovery says about one resource of one served version, and what the machinery needs besides. */
export interface ResourceInfo extends GroupVersionKind {
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** In the order in which discovery lists them: create, delete, deletecollection, get, list, patch, update, watch. */
  readonly verbs: readonly string[]
  readonly subresources: readonly SubresourceInfo[]
  /** Name of the object's definition, `io.k8s.api.core.v1.Pod`; the list's one is the same with `List`. */
  readonly definition: string
  /** The group and version in which objects are stored, defaulted, validated and printed. */
  readonly storage: GroupVersionKind
}

/** A group with its served versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string
  readonly versions: readonly string[]
  readonly preferredVersion: string
}

/** The shape of a value, as far as decoding, pruning, patching and server-side apply need it. */
export interface Schema {
  readonly type: 'object' | 'map' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'any'
  readonly format?: 'int32' | 'int64' | 'double' | 'byte' | 'date-time' | 'micro-time' | 'duration' | 'quantity'
  /** Definition of an object (`io.k8s.api.core.v1.PodSpec`), absent for anonymous ones. */
  readonly definition?: string
  /** Go's name of the type, for decoding errors: `int32`, `[]v1.Container`, `v1.RestartPolicy`. */
  readonly goType: string
  /** Fields of an `object`; undefined for the other types. */
  readonly fields?: ReadonlyMap<string, Schema> | undefined
  readonly required?: readonly string[]
  /** Items of an array, values of a map. */
  readonly items?: Schema | undefined
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey?: string
  /** Value that an absent field stands for where it is a key of a list (`protocol: TCP`). */
  readonly default?: Json
  readonly enum?: readonly string[]
  /** Unknown fields are kept: raw extensions, JSON schemas' free values, managed fields. */
  readonly preserveUnknownFields?: boolean
  /** A whole embedded object with apiVersion, kind and metadata. */
  readonly embeddedResource?: boolean
}

/** The kinds of field errors, with the reason by which a Status names them in its causes. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTooShort'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

/** One finding of validation. `message` is a cause's message; `field: message` is how the Status' text joins them. */
export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.containers[0].name`; empty for the object as a whole. */
  readonly field: string
  /** `Required value`, `Invalid value: "Foo": a lowercase RFC 1123 label must …` */
  readonly message: string
}

/** A path of a field, `spec.containers[0]`; the empty one is the object as a whole. */
export type FieldPath = string

/** The values the strictness of a body's reading can have, as `?fieldValidation=` names them. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** Everything optional, at every depth: an object that nothing has validated yet. */
export type Unchecked<T> = T extends (infer Item)[]
  ? Unchecked<Item>[]
  : T extends object
    ? { [Key in keyof T]?: Unchecked<T[Key]> | undefined }
    : T

/** What a write strategy may know besides the objects. */
export interface WriteContext {
  readonly nowMs: number
  /** Who writes: CertificateSigningRequests record it. */
  readonly user?: { name: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> }
  /** True when the service has its cluster's ranges and so on checked elsewhere (dry run); validation is the same. */
  readonly dryRun?: boolean
}

/** How a kind (or one of its subresources) is written. All functions work in place on the storage version. */
export interface Strategy {
  /** Drops what a create may not set (status, generation = 1 …). Runs before defaulting's result is validated. */
  prepareForCreate(object: KubeObject, context: WriteContext): void
  /** Keeps from `old` what this write may not change, bumps `metadata.generation` where the kind does. */
  prepareForUpdate(object: KubeObject, old: KubeObject, context: WriteContext): void
  validateCreate(object: KubeObject, context: WriteContext): FieldError[]
  validateUpdate(object: KubeObject, old: KubeObject, context: WriteContext): FieldError[]
  /** Texts for `Warning: 299` headers. */
  warningsOnCreate(object: KubeObject): string[]
  warningsOnUpdate(object: KubeObject, old: KubeObject): string[]
  /** PUT of an absent object creates it. */
  readonly allowCreateOnUpdate: boolean
  /** PUT without a resourceVersion overwrites. */
  readonly allowUnconditionalUpdate: boolean
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format: string
  readonly description: string
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number
}

export type Cell = string | number | boolean | null

/** The server's printed form of a kind: one cell per column, in order. */
export interface Printer {
  readonly columns: readonly ColumnDefinition[]
  cells(object: KubeObject, nowMs: number): Cell[]
  /** `conditions` of the row: pods that have ended are marked Completed. */
  rowConditions?(object: KubeObject): JsonObject[] | undefined
}

/** The /scale view of a kind, between it and autoscaling/v1 Scale. */
export interface ScaleMapping {
  specReplicas(object: KubeObject): number
  statusReplicas(object: KubeObject): number
  /** The selector as text, `app=web,tier in (a,b)`. */
  selector(object: KubeObject): string
  setReplicas(object: KubeObject, replicas: number): void
}

/** One term of a label selector. */
export interface LabelRequirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt'
  readonly values: readonly string[]
}

/** One term of a field selector. */
export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** A body that is not the kind it should be; `message` is the decoder's own sentence. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** A selector, field label, quantity or duration that does not parse; `message` is Kubernetes' own sentence. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem'
}

/** Language of the field descriptions in the served OpenAPI documents. */
export type Language = 'en' | 'fr'
