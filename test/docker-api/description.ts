import { Ajv2019 as Ajv, type ErrorObject, type ValidateFunction } from 'ajv/dist/2019.js'
import answers from '../../src/docker-api/generated/answers.json' with { type: 'json' }

/** Operation of the API's reference (`GET /images/json`) → status → schema. */
export const operations = answers.operations as Record<string, Record<string, object | null>>

const ajv = new Ajv({ strict: false, allErrors: true, verbose: true })
ajv.addSchema({ $id: 'docker', $defs: answers.definitions })

const validators = new Map<string, ValidateFunction>()
const patterns = Object.keys(operations).map((operation) => {
  const [method = '', path = ''] = operation.split(' ')
  const names = path.split('{').length
  const test = new RegExp(`^${path.replace(/\{\w+\}/g, '.+')}$`)
  return { method, path, test, names }
})
// /containers/create is also what /containers/{id} would match: fewer names go first.
patterns.sort((a, b) => a.names - b.names || b.path.length - a.path.length)

/** The operation of a request, or undefined where the reference has none. */
export function operationOf(method: string, path: string): string | undefined {
  const found = patterns.find((each) => each.method === method && each.test.test(path))
  return found === undefined ? undefined : `${found.method} ${found.path}`
}

/**
 * What of a JSON answer does not agree with the description; empty where all does. Older versions of the API have
 * fields that the description does not know any more: `loose` lets them pass.
 */
export function disagreements(operation: string, status: number, value: unknown, loose: boolean): string[] {
  const schema = operations[operation]?.[status]
  if (schema === undefined && status < 400) return [`${operation} does not answer with status ${status}`]
  if (schema === null || schema === undefined) return []
  const key = `${operation} ${status}`
  const validate = validators.get(key) ?? ajv.compile(rooted(schema) as object)
  validators.set(key, validate)
  if (validate(value)) return []
  return (validate.errors ?? [])
    .filter((error) => !(loose && error.keyword === 'unevaluatedProperties') && !isGoNil(error) && !isLapse(error))
    .map((error) => {
      const named = 'unevaluatedProperty' in error.params ? ` ${error.params.unevaluatedProperty}` : ''
      return `${operation} ${status} ${error.instancePath}: ${error.message}${named}`
    })
}

/** Docker writes an empty list or map as null where Go's is nil, whatever the description says. */
function isGoNil({ keyword, data, schema }: ErrorObject): boolean {
  return keyword === 'type' && data === null && (schema === 'array' || schema === 'object')
}

/** Where the description itself is wrong about what Docker answers. */
function isLapse({ keyword, data, instancePath, params }: ErrorObject): boolean {
  // An exec that has not ended has no exit code.
  if (keyword === 'type' && data === null && instancePath === '/ExitCode') return true
  // Two old fields of an image are still answered where they say something.
  if (['Parent', 'DockerVersion'].includes(params.unevaluatedProperty)) return true
  // The size of an unpacked manifest stands in Size.Unpacked; the description requires its old name.
  return keyword === 'required' && params.missingProperty === 'UnpackedSize'
}

/** References of a schema outside the document of definitions name that document. */
function rooted(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(rooted)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === '$ref' && typeof value === 'string' ? value.replace(/^#/, 'docker#') : rooted(value),
    ]),
  )
}
