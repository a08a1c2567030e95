/**
 * Makes src/kube/schema/generated/ from Kubernetes' OpenAPI v2 description:
 *
 *   node src/kube/schema/generate/main.ts [path of kubernetes-1.36-openapi-v2.json.gz]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Description } from './description.ts'
import { shortName } from './description.ts'
import facts from './go-facts.json' with { type: 'json' }
import { resourcesOf } from './resources.ts'
import { servedGroups } from './served.ts'
import type { GoFacts } from './types.ts'
import { reachable, typeLine } from './types.ts'
import { interfacesOf } from './typescript.ts'

const repository = new URL('../../../../', import.meta.url)
const source = process.argv[2] ?? new URL('../shared/specs/kubernetes-1.36-openapi-v2.json.gz', repository)
const description: Description = JSON.parse(gunzipSync(readFileSync(source)).toString('utf8'))

const resources = resourcesOf(description)
const meta = Object.keys(description.definitions).filter((name) => name.startsWith('io.k8s.apimachinery.'))
const served = servedGroups.flatMap(([group, ...versions]) => versions.map((version) => `${group}/${version}`))
const ofKinds = Object.entries(description.definitions)
  .filter(([, d]) => d['x-kubernetes-group-version-kind']?.some((k) => served.includes(`${k.group}/${k.version}`)))
  .map(([name]) => name)
const names = reachable(description, [...meta, ...ofKinds])

const goFacts: GoFacts = facts
const types: Record<string, string> = {}
for (const name of names) {
  const definition = description.definitions[`io.k8s.${shortName(name)}`]
  if (definition) types[name] = typeLine(name, definition, goFacts)
}

const write = (file: string, text: string) => writeFileSync(new URL(`../generated/${file}`, import.meta.url), text)
write('resources.json', `[\n${resources.map((resource) => JSON.stringify(resource)).join(',\n')}\n]\n`)
write('groups.json', `${JSON.stringify(servedGroups.map(([name, ...versions]) => ({ name, versions })))}\n`)
write('types.json', `${JSON.stringify(types, null, 0).replaceAll('",', '",\n')}\n`)
write('types.ts', interfacesOf(description, names))
