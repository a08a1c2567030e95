import type {
  FieldRequirement,
  GroupVersionKind,
  Json,
  KubeObject,
  Printer,
  ResourceInfo,
  ScaleMapping,
  Schema,
  Strategy,
} from '../schema/index.ts'

/** How strictly a body is read: `fieldValidation` of the request. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** An object read out of a body, and what was wrong with it but could be left out. */
export interface Decoded {
  readonly object: KubeObject
  /** `unknown field "spec.foo"`, `duplicate field "spec.bar"`: errors under Strict, warnings under Warn. */
  readonly strictProblems: readonly string[]
}

/**
 * One resource in one served version: everything that the verbs need to know of it. The built-in ones are made from the
 * schema; CustomResourceDefinitions make more at run time.
 */
export interface ServedResource {
  readonly info: ResourceInfo
  /** Keys of its objects begin so: `/registry/pods/`. Versions that share objects share it. */
  readonly keyPrefix: string
  /** The shape of the served version; undefined where anything goes. */
  readonly schema: Schema | undefined
  /** The shape of the version that is stored. */
  readonly storageSchema: Schema | undefined
  /** Takes a parsed body of the served version apart. @throws DecodeError */
  decode(value: Json): Decoded
  /** Fills in defaults of the served version. */
  setDefaults(object: KubeObject): void
  /** From the served to the stored version; the same object where they are one. */
  toStorage(object: KubeObject): KubeObject | Promise<KubeObject>
  /** From the stored to the served version; never changes what it is given. */
  fromStorage(object: KubeObject): KubeObject | Promise<KubeObject>
  /** True where stored bytes are the served bytes. */
  readonly servedAsStored: boolean
  /** How the resource ('') or one of its subresources (`status`) is written; undefined where it cannot be. */
  strategy(subresource: string): Strategy | undefined
  readonly printer: Printer
  /** The values of the fields that selectors may name, of a stored object. */
  selectableFields(object: KubeObject): Readonly<Record<string, string>>
  /** The requirements in the names of `selectableFields`. @throws SyntaxProblem for a field that may not be named */
  checkFieldSelector(requirements: readonly FieldRequirement[]): FieldRequirement[]
  readonly scale?: ScaleMapping
  /** Fields that apply and update never own, by subresource ('' for the main one), as paths: `status`, `spec.replicas`. */
  resetFields(subresource: string): readonly string[]
  /** The managed fields' sets are of this version's shape; undefined for a version no longer served. */
  schemaOfVersion(apiVersion: string): Schema | undefined
  /** Reads a stored object as another served version of the same kind, for managed fields of that version. */
  convertTo?(object: KubeObject, apiVersion: string): KubeObject | Promise<KubeObject>
  /** storageVersionHash of discovery. */
  readonly storageVersionHash: string
  /** How long a deleted object may take to stop; 0 where it goes at once. */
  graceSeconds(object: KubeObject, asked: number | undefined): number
  /** Items of lists carry their own kind and apiVersion (custom resources do, built-in kinds do not). */
  readonly typedItems: boolean
}

export const kindOf = ({ info }: ServedResource): GroupVersionKind => ({
  group: info.group,
  version: info.version,
  kind: info.kind,
})

export const groupResourceOf = ({ info }: ServedResource) => ({ group: info.group, resource: info.plural })
