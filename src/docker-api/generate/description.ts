/** The parts of a Swagger 2.0 document that are read here. */
export type Schema = {
  $ref?: string
  type?: string
  format?: string
  items?: Schema
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  required?: string[]
  allOf?: Schema[]
  enum?: unknown[]
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  'x-nullable'?: boolean
  'x-go-name'?: string
  'x-go-type'?: { type: string; import?: { package: string } }
}

export type Operation = {
  operationId: string
  parameters?: { name: string; in: string; type?: string; schema?: Schema }[]
  responses: Record<string, { schema?: Schema }>
}

export type Description = {
  definitions: Record<string, Schema>
  paths: Record<string, Record<string, Operation>>
}

export const refName = (ref: string) => ref.slice('#/definitions/'.length)
