import type { JsonObject } from '../../schema/index.ts'
import { decodeProtobuf } from './decode.ts'
import { resolveMessage } from './resolve.ts'

/** Reads an object of any built-in kind. @throws WireError */
export const readProtobuf = (bytes: Uint8Array): JsonObject => decodeProtobuf(bytes, resolveMessage)
