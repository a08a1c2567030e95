import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ImageRunConfig, NamedReference } from '../../oci/index.ts'

/** One entry of library.yaml. */
export interface Recipe {
  readonly repository: string
  readonly tags: readonly [string, ...string[]]
  readonly suite?: string
  readonly extract?: readonly string[]
  readonly from?: string
  readonly packages?: readonly string[]
  readonly files?: string
  readonly nodejs?: 'own'
  readonly npm?: 'own'
  readonly version?: readonly [variable: string, ...command: string[]]
  readonly config: ImageRunConfig
}

const here = import.meta.dirname
export const scriptsFolder = here
const imagesFolder = join(here, 'images')
const officialPath = 'library/'

/** The entry's name: repository and first tag. */
export function recipeName(recipe: Recipe): string {
  return `${recipe.repository}:${recipe.tags[0]}`
}

export function filesOf(recipe: Recipe): string | undefined {
  return recipe.files === undefined ? undefined : join(imagesFolder, recipe.files)
}

/** What library.yaml holds, by name and by tag. */
export class RecipeBook {
  readonly recipes: readonly Recipe[]
  readonly #byTag = new Map<string, Recipe>()

  constructor(recipes: readonly Recipe[] = readRecipes()) {
    this.recipes = recipes
    for (const recipe of recipes) {
      for (const tag of recipe.tags) {
        const name = `${recipe.repository}:${tag}`
        if (this.#byTag.has(name)) throw new Error(`Cannot read library.yaml: ${name} is there twice`)
        this.#byTag.set(name, recipe)
      }
    }
  }

  named(name: string): Recipe | undefined {
    return this.#byTag.get(name.includes(':') ? name : `${name}:latest`)
  }

  find({ domain, path, tag = 'latest' }: NamedReference): Recipe | undefined {
    return domain === 'docker.io' && path.startsWith(officialPath)
      ? this.named(`${path.slice(officialPath.length)}:${tag}`)
      : undefined
  }

  hasRepository({ domain, path }: NamedReference): boolean {
    return domain === 'docker.io' && this.recipes.some((recipe) => `${officialPath}${recipe.repository}` === path)
  }

  /** @throws Error when library.yaml names an entry that it does not have */
  base(recipe: Recipe): Recipe | undefined {
    if (recipe.from === undefined) return undefined
    const base = this.named(recipe.from)
    if (!base)
      throw new Error(`Cannot read library.yaml: ${recipeName(recipe)} is from ${recipe.from}, which is not there`)
    return base
  }

  suite(recipe: Recipe): string {
    const suite = recipe.suite ?? this.base(recipe)?.suite
    if (suite === undefined) throw new Error(`Cannot read library.yaml: ${recipeName(recipe)} has no suite`)
    return suite
  }

  /** `debian/bullseye`: what the label and the pull output say. */
  assembledFrom(recipe: Recipe): string {
    return `debian/${this.suite(recipe)}`
  }

  /** Changes when the entry, its files or what it is built upon changes: an image made by another recipe is made anew. */
  fingerprint(recipe: Recipe): string {
    const hash = createHash('sha256').update(JSON.stringify({ ...recipe, tags: undefined }))
    const base = this.base(recipe)
    if (base) hash.update(this.fingerprint(base))
    const scripts = [base ? join(here, 'add-layer.sh') : undefined, filesOf(recipe)]
    if (!base && !recipe.extract) scripts.push(join(imagesFolder, 'debian'))
    for (const path of scripts)
      if (path !== undefined)
        for (const file of filesBelow(path)) hash.update(file).update(readFileSync(join(here, file)))
    return hash.digest('hex').slice(0, 16)
  }
}

/** Relative to this folder, sorted: the same on every machine. */
function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path.slice(here.length + 1)]
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesBelow(join(path, name)))
}

function readRecipes(): Recipe[] {
  return parse(readFileSync(join(here, '..', 'library.yaml'), 'utf8')) as Recipe[]
}
