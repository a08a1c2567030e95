/**
 * Writes ../generated/messages.json: the numbers, names and types of the fields of Kubernetes' protobuf messages.
 *
 *     node src/kube/api/protobuf/generate/main.ts FOLDER
 *
 * FOLDER has the `generated.proto` files of kubernetes' api, apimachinery, apiextensions-apiserver and kube-aggregator
 * repositories, anywhere below it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const scalars: Readonly<Record<string, string>> = {
  string: 's',
  bytes: 'y',
  bool: 'b',
  int32: 'i',
  int64: 'i',
  uint32: 'i',
  uint64: 'i',
  double: 'd',
}

function messagesOf(text: string): Map<string, string> {
  const source = text.replaceAll(/\/\/.*$/gm, '')
  const pkg = /package ([\w.]+);/.exec(source)?.[1] ?? ''
  const found = new Map<string, string>()
  for (const [, name = '', body = ''] of source.matchAll(/message (\w+) \{([^}]*)\}/g)) {
    const fields = [...body.matchAll(/(optional|repeated|map<\w+, ?([.\w]+)>)\s*([.\w]*)\s+(\w+)\s*=\s*(\d+)/g)].map(
      ([, label = '', mapValue, type = '', field = '', number = '']) => {
        const code = codeOf(mapValue ?? type, pkg)
        const form = mapValue ? '{}' : label === 'repeated' ? '[]' : ''
        return `${number}:${field}:${form}${code}`
      },
    )
    found.set(shortName(`${pkg}.${name}`), fields.join(' '))
  }
  return found
}

function codeOf(type: string, pkg: string): string {
  const scalar = scalars[type]
  if (scalar) return scalar
  return `@${shortName(type.startsWith('.') ? type.slice(1) : type.includes('.') ? type : `${pkg}.${type}`)}`
}

/** `k8s.io.api.core.v1.Pod` → `api.core.v1.Pod`, as the schema has it; dashes are underscores in packages. */
const shortName = (name: string) =>
  name
    .replace(/^k8s\.io\./, '')
    .replace('apiextensions_apiserver', 'apiextensions-apiserver')
    .replace('kube_aggregator', 'kube-aggregator')

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Cannot generate the messages: name the folder of the .proto files')
const all = new Map<string, string>()
for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.proto')))
  for (const [name, fields] of messagesOf(readFileSync(join(folder, path), 'utf8'))) all.set(name, fields)
const sorted = Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(join(import.meta.dirname, '../generated/messages.json'), `${JSON.stringify(sorted, undefined, 0)}\n`)
