/** The parts of the OpenAPI v2 description that the generator reads. */
export interface Property {
  type?: string
  format?: string
  $ref?: string
  items?: Property
  additionalProperties?: Property
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: string
  'x-kubernetes-patch-strategy'?: string
  'x-kubernetes-patch-merge-key'?: string
}

export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

export interface Definition extends Property {
  properties?: Record<string, Property>
  required?: string[]
  'x-kubernetes-group-version-kind'?: GroupVersionKind[]
}

export interface Operation {
  'x-kubernetes-action'?: string
  'x-kubernetes-group-version-kind'?: GroupVersionKind
}

export interface Description {
  definitions: Record<string, Definition>
  paths: Record<string, Record<string, Operation>>
}

/** `io.k8s.api.core.v1.Pod` → `api.core.v1.Pod`, the key of the generated data. */
export const shortName = (definition: string): string => definition.replace(/^io\.k8s\./, '')

/** The definition a `$ref` points at, in short. */
export const referred = (ref: string): string => shortName(ref.replace('#/definitions/', ''))
