import type { KubeObject } from '../contract.ts'

/** A served version whose objects are stored in another one. */
export interface VersionRules {
  defaults?(object: KubeObject): void
  /** A new object of the storage version. */
  toStorage(object: KubeObject): KubeObject
  fromStorage(object: KubeObject): KubeObject
}
