import messagesData from './generated/messages.json' with { type: 'json' }

export interface MessageField {
  readonly name: string
  readonly form: 'one' | 'list' | 'map'
  /** s string, y bytes, b bool, i integer, d double, or the name of a message. */
  readonly type: string
}

const lines: Readonly<Record<string, string>> = messagesData
const known = new Map<string, ReadonlyMap<number, MessageField>>()

/** The fields of a message by number; undefined for an unknown message. */
export function messageOf(name: string): ReadonlyMap<number, MessageField> | undefined {
  let fields = known.get(name)
  if (!fields) {
    const line = lines[name]
    if (line === undefined) return undefined
    fields = new Map(line === '' ? [] : line.split(' ').map(fieldOf))
    known.set(name, fields)
  }
  return fields
}

function fieldOf(text: string): [number, MessageField] {
  const [number = '', name = '', code = ''] = text.split(':')
  const form = code.startsWith('[]') ? 'list' : code.startsWith('{}') ? 'map' : 'one'
  const type = form === 'one' ? code : code.slice(2)
  return [Number(number), { name: jsonName(name), form, type: type.startsWith('@') ? type.slice(1) : type }]
}

/** Names that JSON has otherwise: extensions of JSON schemas, and their two fields that begin with a dollar sign. */
function jsonName(name: string): string {
  if (!name.startsWith('xKubernetes')) return name
  return `x-kubernetes${name.slice('xKubernetes'.length).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
