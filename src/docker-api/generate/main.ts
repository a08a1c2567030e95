/**
 * Turns the description of the Docker Engine API (moby's api/swagger.yaml, plain or gzipped) into the data of this
 * room: `node src/docker-api/generate/main.ts <description>`.
 *
 * - generated/requests.json: what request bodies may hold, as Go types (decode/go-json.ts)
 * - generated/answers.json: the schema of every answer and its definitions, for the tests
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { answers } from './answers.ts'
import type { Description } from './description.ts'
import { requests } from './requests.ts'

const path = process.argv[2]
if (path === undefined) throw new Error('Cannot generate: the path of the API description is missing')
const bytes = readFileSync(path)
const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
const description = parse(text, { merge: true }) as Description

function write(name: string, data: unknown): void {
  writeFileSync(new URL(`../generated/${name}`, import.meta.url), `${JSON.stringify(data)}\n`)
}

write('requests.json', requests(description))
write('answers.json', answers(description))
