import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseNormalizedName } from '../../oci/index.ts'
import { filesOf, RecipeBook, recipeName } from './recipe.ts'

const book = new RecipeBook()

function entry(name: string): string | undefined {
  const recipe = book.find(parseNormalizedName(name))
  return recipe && recipeName(recipe)
}

test.each([
  ['python', 'python:3.13'],
  ['python:3', 'python:3.13'],
  ['python:3.9', 'python:3.9'],
  ['python:3.9-slim', 'python:3.9'],
  ['docker.io/library/python:3.11-bookworm', 'python:3.11'],
  ['debian', 'debian:trixie'],
  ['debian:12', 'debian:bookworm'],
  ['debian:bullseye-slim', 'debian:bullseye'],
  ['busybox', 'busybox:latest'],
  ['node', 'node:24'],
  ['node:20-slim', 'node:20'],
  ['node:lts', 'node:24'],
  ['nginx', 'nginx:latest'],
  ['redis:8', 'redis:latest'],
  ['httpd:2.4', 'httpd:latest'],
])('%s means %s, as on Docker Hub', (name, expected) => {
  expect(entry(name)).toBe(expected)
})

test.each([
  'nginx:alpine',
  'python:3.9-alpine',
  'python:2.7',
  'alpine',
  'someone/python',
  'localhost:5000/python',
  'quay.io/library/python',
])('%s is not offered', (name) => {
  expect(entry(name)).toBeUndefined()
})

test('every entry is whole: its base, its suite, its files', () => {
  for (const recipe of book.recipes) {
    expect(book.assembledFrom(recipe)).toMatch(/^debian\/[a-z]+$/)
    expect(book.fingerprint(recipe)).toMatch(/^[0-9a-f]{16}$/)
    const files = filesOf(recipe)
    if (files !== undefined) expect(existsSync(`${files}/setup.sh`)).toBe(true)
  }
})

test('another recipe, or another base, is another fingerprint; another tag is not', () => {
  const base = { repository: 'debian', tags: ['trixie'], suite: 'trixie', config: {} } as const
  const upon = { repository: 'app', tags: ['1'], from: 'debian:trixie', packages: ['curl'], config: {} } as const
  const print = (...recipes: ConstructorParameters<typeof RecipeBook>[0] & object) => {
    const one = new RecipeBook(recipes)
    const last = recipes.at(-1)
    return last && one.fingerprint(last)
  }
  const original = print(base, upon)
  expect(print(base, { ...upon, tags: ['1', 'latest'] })).toBe(original)
  expect(print(base, { ...upon, packages: ['wget'] })).not.toBe(original)
  expect(print({ ...base, suite: 'sid' }, upon)).not.toBe(original)
})
