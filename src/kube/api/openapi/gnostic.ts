import type { JsonObject } from '../../schema/index.ts'

export const gnosticType = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf$/

export function encodeGnostic(_document: JsonObject): Uint8Array {
  throw new Error('Cannot encode OpenAPI as protobuf: it is being written')
}
