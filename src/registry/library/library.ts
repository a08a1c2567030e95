import { join } from 'node:path'
import { familiarString, type NamedReference } from '../../oci/index.ts'
import { TransferError } from '../client/transfer-error.ts'
import type { Library, LibraryEntry, LibraryImage, LibraryOptions, OnProgress } from '../contract.ts'
import { findArchive } from './archive.ts'
import { assembleImage } from './assembly.ts'
import { FileLock } from './file-lock.ts'
import { LibraryLayout, type StoredImage } from './layout.ts'
import { type Language, libraryMessages } from './messages.ts'
import { CommandError } from './namespaced-process.ts'
import { ownNode, ownNpm } from './own-node.ts'
import { type Recipe, RecipeBook, recipeName } from './recipe.ts'
import { openWorkspace, sweepWorkspaces } from './workspace.ts'

/** Opens a library folder, sweeps what a killed assembly left there. */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
  const library = new DebianLibrary(options)
  await sweepWorkspaces(library.workDir, options.log)
  return library
}

interface AssembleOptions {
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
  readonly language?: Language
}

/** One assembly that is going on, and those who watch it. */
interface Assembly {
  readonly done: Promise<StoredImage>
  readonly watchers: Set<OnProgress>
  readonly abort: AbortController
}

class DebianLibrary implements Library {
  readonly workDir: string
  readonly #options: LibraryOptions
  readonly #layout: LibraryLayout
  readonly #recipes = new RecipeBook()
  readonly #running = new Map<Recipe, Assembly>()

  constructor(options: LibraryOptions) {
    this.#options = options
    this.#layout = new LibraryLayout(options.dir)
    this.workDir = options.workDir ?? join(options.dir, 'work')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = [...this.#running.values()]
    for (const { abort } of running) abort.abort()
    await Promise.allSettled(running.map(({ done }) => done))
  }

  find(reference: NamedReference): LibraryEntry | undefined {
    const recipe = this.#recipeOf(reference)
    return recipe && this.#entry(recipe)
  }

  /** By digest: only what is there already has that digest. */
  #recipeOf(reference: NamedReference): Recipe | undefined {
    if (reference.digest === undefined) return this.#recipes.find(reference)
    return this.#recipes.recipes.find(
      (recipe) =>
        reference.path === `library/${recipe.repository}` &&
        this.#layout.find(recipeName(recipe))?.manifest.digest === reference.digest,
    )
  }

  hasRepository(reference: NamedReference): boolean {
    return this.#recipes.hasRepository(reference)
  }

  async list(): Promise<LibraryEntry[]> {
    return this.#recipes.recipes.map((recipe) => this.#entry(recipe))
  }

  #entry(recipe: Recipe): LibraryEntry {
    return {
      name: recipeName(recipe),
      tags: recipe.tags.map((tag) => `${recipe.repository}:${tag}`),
      assembledFrom: this.#recipes.assembledFrom(recipe),
      ready: this.#ready(recipe) !== undefined,
    }
  }

  #ready(recipe: Recipe): StoredImage | undefined {
    const stored = this.#layout.find(recipeName(recipe))
    return stored?.fingerprint === this.#recipes.fingerprint(recipe) ? stored : undefined
  }

  async assemble(reference: NamedReference, options: AssembleOptions = {}): Promise<LibraryImage> {
    const recipe = this.#recipeOf(reference)
    if (!recipe)
      throw new TransferError('not-found', `${familiarString(reference)} is not in the library of base images`)
    const messages = libraryMessages[options.language ?? 'en']
    const say = this.#ready(recipe) ? messages.ready : messages.assembling
    options.onProgress?.({ status: say(recipeName(recipe), this.#recipes.assembledFrom(recipe)) })
    return this.#assemble(recipe, options)
  }

  async #assemble(recipe: Recipe, options: AssembleOptions): Promise<LibraryImage> {
    const { onProgress = () => undefined, language = 'en', signal } = options
    const { manifest } = this.#ready(recipe) ?? (await this.#share(recipe, language, onProgress, signal))
    return { manifest, entry: this.#entry(recipe), blobPath: (digest) => this.#layout.blobPath(digest) }
  }

  /** Those who want one name share one assembly; it ends early only when nobody waits for it any more. */
  async #share(recipe: Recipe, language: Language, onProgress: OnProgress, signal?: AbortSignal): Promise<StoredImage> {
    for (let running = this.#running.get(recipe); running?.abort.signal.aborted; running = this.#running.get(recipe)) {
      await running.done.catch(() => undefined) // it was given up; its failure is not ours
    }
    const assembly = this.#running.get(recipe) ?? this.#start(recipe, language)
    assembly.watchers.add(onProgress)
    const gone = Promise.withResolvers<never>()
    const onAbort = () => gone.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    try {
      return await Promise.race([assembly.done, gone.promise])
    } finally {
      signal?.removeEventListener('abort', onAbort)
      assembly.watchers.delete(onProgress)
      if (assembly.watchers.size === 0) assembly.abort.abort()
    }
  }

  #start(recipe: Recipe, language: Language): Assembly {
    const watchers = new Set<OnProgress>()
    const abort = new AbortController()
    const tell: OnProgress = (event) => {
      for (const watcher of watchers) watcher(event)
    }
    const done = this.#make(recipe, language, tell, abort.signal).finally(() => this.#running.delete(recipe))
    done.catch(() => undefined) // told to whoever waits
    const assembly = { done, watchers, abort }
    this.#running.set(recipe, assembly)
    return assembly
  }

  async #make(recipe: Recipe, language: Language, tell: OnProgress, signal: AbortSignal): Promise<StoredImage> {
    await this.#layout.prepare()
    const base = this.#recipes.base(recipe)
    if (base && !this.#ready(base)) await this.#share(base, language, tell, signal)
    const name = recipeName(recipe)
    const messages = libraryMessages[language]
    const onPhase = (status: string, percent?: number) =>
      tell({ status, id: name, progress: percent === undefined ? {} : { current: Math.round(percent), total: 100 } })
    const lockOptions = { signal, onWait: () => onPhase(messages.waiting) }
    using _lock = await FileLock.acquire(this.#layout.lockPath(name), lockOptions)
    const already = this.#ready(recipe) // by another process, while we waited
    if (already) return already
    const begun = performance.now()
    try {
      const stored = await this.#makeLocked(recipe, language, signal, onPhase)
      onPhase(messages.phases.done)
      this.#options.log.info({ name, seconds: Math.round(performance.now() - begun) / 1000 }, 'library: assembled')
      return stored
    } catch (error) {
      signal.throwIfAborted()
      const earlier = this.#layout.find(name)
      if (!earlier || !isNetworkFailure(error)) throw assemblyFailure(name, error)
      tell({ status: messages.outdated(name) })
      return earlier
    }
  }

  async #makeLocked(
    recipe: Recipe,
    language: Language,
    signal: AbortSignal,
    onPhase: (phase: string, percent?: number) => void,
  ): Promise<StoredImage> {
    const { log } = this.#options
    await using workspace = await openWorkspace(this.workDir, log)
    const { content } = workspace
    const manifest = await assembleImage(
      {
        content,
        layout: this.#layout,
        recipes: this.#recipes,
        archive: await findArchive(this.#options, this.workDir),
        messages: libraryMessages[language],
        nodeBinary: this.#options.nodeBinary ?? ownNode(),
        npmFolder: ownNpm(),
        log,
        signal,
        onPhase,
      },
      recipe,
    )
    const stored = { manifest, fingerprint: this.#recipes.fingerprint(recipe) }
    await this.#layout.add(recipeName(recipe), stored, (digest) => content.blobs.path(digest))
    return stored
  }

  async prepare(names?: readonly string[], onProgress?: OnProgress, signal?: AbortSignal): Promise<LibraryEntry[]> {
    const entries: LibraryEntry[] = []
    for (const recipe of this.#named(names)) {
      const options = { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) }
      entries.push((await this.#assemble(recipe, options)).entry)
    }
    return entries
  }

  async exportTo(
    dir: string,
    names?: readonly string[],
    onProgress: OnProgress = () => undefined,
  ): Promise<LibraryEntry[]> {
    const target = new LibraryLayout(dir)
    const exported: LibraryEntry[] = []
    for (const recipe of this.#named(names)) {
      const name = recipeName(recipe)
      const stored = this.#layout.find(name)
      if (!stored) continue
      onProgress({ status: 'Copying', id: name, progress: {} })
      await target.add(name, stored, (digest) => this.#layout.blobPath(digest))
      onProgress({ status: 'Copied', id: name, progress: {} })
      exported.push(this.#entry(recipe))
    }
    return exported
  }

  #named(names: readonly string[] | undefined): readonly Recipe[] {
    if (names === undefined || names.length === 0) return this.#recipes.recipes
    return names.map((name) => {
      const recipe = this.#recipes.named(name)
      if (!recipe) throw new TransferError('not-found', `${name} is not in the library of base images`)
      return recipe
    })
  }
}

const networkWords =
  /Could not (?:resolve|connect)|Temporary failure resolving|Unable to connect|Connection (?:failed|timed out|refused)|Network is unreachable|Failed to fetch/

/** What apt and mmdebstrap say after the reason. */
const noise = /mmdebstrap failed|^E: apt-get |Some index files failed/

function isNetworkFailure(error: unknown): error is CommandError {
  return error instanceof CommandError && error.lines.some((line) => networkWords.test(line))
}

function assemblyFailure(name: string, error: unknown): unknown {
  if (!(error instanceof CommandError)) return error
  const told = error.lines
    .filter((line) => /^E: /.test(line) && !noise.test(line))
    .map((line) => line.slice('E: '.length))
  const reason = (told.length > 0 ? told : error.lines).slice(-3).join('; ')
  const what = isNetworkFailure(error)
    ? 'the Debian archive cannot be reached'
    : 'the Debian archive did not give what is needed'
  return new TransferError('unavailable', `Cannot assemble ${name}: ${what}: ${reason}`, {
    cause: error,
    statusCode: 500,
  })
}
