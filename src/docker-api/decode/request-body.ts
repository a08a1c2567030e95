import generated from '../generated/requests.json' with { type: 'json' }
import type { Call } from '../http/call.ts'
import { GoJson, type GoStructs, type GoType, parseJson } from './go-json.ts'
import { hasBody, readBody, requireJson } from './read-body.ts'

/** What request bodies may hold, from the API description. */
export const requestTypes = generated as { operations: Record<string, GoType>; structs: GoStructs }

const decoder = new GoJson(requestTypes.structs)

/**
 * The body of a request, decoded as the operation (`POST /containers/create`) describes it. Without a body the result
 * is empty, or a refusal where `required`. The caller names the type: fields were checked one by one against the
 * description, and every one of them may be absent.
 */
export async function readRequest<T extends object>(
  call: Call,
  operation: keyof typeof generated.operations,
  required?: 'required',
): Promise<Partial<T>> {
  requireJson(call)
  if (required === undefined && !hasBody(call)) {
    if (call.upgrade !== undefined) await readBody(call)
    return {}
  }
  return (decoder.decode(generated.operations[operation], parseJson(await readBody(call))) ?? {}) as Partial<T>
}
