import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  type ChainId,
  type Content,
  type Descriptor,
  type DiffId,
  decodeConfig,
  decodeManifest,
  type HistoryEntry,
  hostPlatform,
  type ImageConfig,
  type ImageRunConfig,
  type Lease,
  mediaTypes,
  type PackedLayer,
} from '../../oci/index.ts'
import type { Log } from '../contract.ts'
import { type Archive, sourceLines } from './archive.ts'
import type { LibraryLayout } from './layout.ts'
import type { LibraryMessages } from './messages.ts'
import { runNamespaced } from './namespaced-process.ts'
import { filesOf, type Recipe, type RecipeBook, recipeName, scriptsFolder } from './recipe.ts'

export interface AssemblyContext {
  readonly content: Content
  readonly layout: LibraryLayout
  readonly recipes: RecipeBook
  readonly archive: Archive
  readonly messages: LibraryMessages
  readonly nodeBinary: string
  readonly npmFolder: string | undefined
  readonly log: Log
  readonly signal: AbortSignal
  /** a phase, and how much of it is done (percent) where that is known */
  readonly onPhase: (phase: string, percent?: number) => void
}

/** The layers and the configuration of what an image is built upon. */
interface Beneath {
  readonly layers: readonly Descriptor[]
  readonly config: ImageConfig
  readonly chainId: ChainId
}

const plainPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Makes one image in the workspace. Returns its manifest. What it is `from` must be in the library. */
export async function assembleImage(context: AssemblyContext, recipe: Recipe): Promise<Descriptor> {
  const { content, recipes } = context
  using lease = content.lease()
  const base = recipes.base(recipe)
  const beneath = base && (await unpackBase(context, base, lease))
  const { packed, version } = beneath
    ? await addLayer(context, recipe, beneath, lease)
    : await makeTree(context, recipe, lease)
  const config = imageConfig(context, recipe, beneath, packed.layer.diffId, version)
  const configBlob = await content.blobs.put(JSON.stringify(config), { lease })
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: configBlob.digest, size: configBlob.size },
    layers: [...(beneath?.layers ?? []), packed.descriptor],
  }
  const manifestBlob = await content.blobs.put(JSON.stringify(manifest), { lease })
  const image = await content.images.add({ manifest: manifestBlob.digest })
  return (await content.compressImage(image.id, lease)).manifest
}

/** The base comes from the library, as it is there: its layer is the same blob in every image upon it. */
async function unpackBase(
  { content, layout, messages, onPhase }: AssemblyContext,
  base: Recipe,
  lease: Lease,
): Promise<Beneath> {
  const stored = layout.find(recipeName(base))
  if (!stored) throw new Error(`Cannot assemble upon ${recipeName(base)}: it is not in the library`)
  onPhase(messages.phases.extract)
  const { layers, config: configBlob } = decodeManifest(await readFile(layout.blobPath(stored.manifest.digest)))
  const config = decodeConfig(await readFile(layout.blobPath(configBlob.digest)))
  for (const { digest } of layers) {
    await content.blobs.put(await readFile(layout.blobPath(digest)), { expected: { digest }, lease })
  }
  const chainId = await content.layers.unpackImage(layers, config.rootfs.diff_ids, lease)
  if (!chainId) throw new Error(`Cannot assemble upon ${recipeName(base)}: it has no layer`)
  return { layers, config, chainId }
}

/** A tree of its own: a suite's essential packages, or some packages merely unpacked. */
async function makeTree(
  context: AssemblyContext,
  recipe: Recipe,
  lease: Lease,
): Promise<{ packed: PackedLayer; version: string }> {
  const { content, archive, signal, recipes, messages, onPhase } = context
  await using scratch = await content.layers.scratch()
  const tree = join(scratch.folder, 'tree')
  await mkdir(tree)
  const lines = await sourceLines(archive, recipes.suite(recipe), { updates: !recipe.extract, signal })
  const variant = recipe.extract ? ['--variant=extract', `--include=${recipe.extract.join()}`] : minimalSystem(archive)
  await runNamespaced({
    command: [
      'mmdebstrap',
      '--mode=root',
      '--format=directory',
      ...variant,
      ...aptOptions(),
      recipes.suite(recipe),
      tree,
      ...lines,
    ],
    env: { LC_ALL: 'C.UTF-8' },
    signal,
    onLine: (line) => tellPhase(line, messages, onPhase),
  })
  onPhase(messages.phases.clean)
  const keyring = archive.keyring && join('/usr/share/keyrings', basename(archive.keyring))
  await runNamespaced({
    command: ['sh', join(filesOf(recipe) ?? join(scriptsFolder, 'images', 'debian'), 'setup.sh'), tree],
    env: {
      SOURCES: lines
        .map((line) => (archive.keyring && keyring ? line.replace(archive.keyring, keyring) : line))
        .join('\n'),
      KEYRING: archive.keyring && keyring && !existsSync(join(tree, keyring)) ? archive.keyring : '',
      LC_ALL: 'C.UTF-8',
    },
    signal,
  })
  onPhase(messages.phases.pack)
  return { packed: await content.layers.packUpper(tree, { lease, signal }), version: '' }
}

/** What is not wanted (documentation, languages) is removed afterwards: mmdebstrap's own filter is a process for each package. */
function minimalSystem({ uri }: Archive): string[] {
  const include = uri.startsWith('https:') ? ['--include=ca-certificates'] : []
  return ['--variant=minbase', ...include, '--dpkgopt=force-unsafe-io', '--aptopt=APT::Install-Recommends "false"']
}

function aptOptions(): string[] {
  return ['--aptopt=Acquire::Retries "2"', '--aptopt=Acquire::http::Timeout "20"', '--aptopt=Acquire::Languages "none"']
}

/** mmdebstrap's own words → ours. */
function tellPhase(line: string, { phases }: LibraryMessages, onPhase: AssemblyContext['onPhase']): void {
  if (/^I: running apt-get update/.test(line)) onPhase(phases.lists)
  else if (/^I: downloading packages/.test(line)) onPhase(phases.download)
  else if (/^I: extracting archives/.test(line)) onPhase(phases.extract)
  else if (/^I: installing essential/.test(line)) onPhase(phases.essential)
  else if (/^I: installing remaining/.test(line)) onPhase(phases.install)
  else if (/^I: cleaning/.test(line)) onPhase(phases.clean)
}

/** Packages and files upon a base: what changes in the overlay is the layer. */
async function addLayer(
  context: AssemblyContext,
  recipe: Recipe,
  beneath: Beneath,
  lease: Lease,
): Promise<{ packed: PackedLayer; version: string }> {
  const { content, signal, messages, onPhase, nodeBinary, npmFolder } = context
  await using scratch = await content.layers.scratch()
  const folder = (name: string) => join(scratch.folder, name)
  for (const name of ['upper', 'work', 'merged']) await mkdir(folder(name))
  const versionFile = folder('version')
  await writeFile(versionFile, '')
  const [, ...versionCommand] = recipe.version ?? ['']
  const packages = [...(recipe.packages ?? []), ...(recipe.npm === 'own' && npmFolder === undefined ? ['npm'] : [])]
  await runNamespaced({
    command: ['sh', join(scriptsFolder, 'add-layer.sh'), ...packages],
    env: {
      LOWER: content.layers.lowerdirs(beneath.chainId).join(':'),
      UPPER: folder('upper'),
      WORK: folder('work'),
      MERGED: folder('merged'),
      FILES: filesOf(recipe) ?? '',
      NPM: recipe.npm === 'own' ? (npmFolder ?? '') : '',
      NODEJS: recipe.nodejs === 'own' ? nodeBinary : '',
      APT_OPTIONS: '',
      VERSION_COMMAND: versionCommand.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' '),
      VERSION_FILE: versionFile,
    },
    signal,
    onStatus: (line) => tellStatus(line, messages, onPhase),
  })
  const version = (await readFile(versionFile, 'utf8')).trim()
  await rm(versionFile)
  onPhase(messages.phases.pack)
  return {
    packed: await content.layers.packUpper(folder('upper'), { parent: beneath.chainId, lease, signal }),
    version,
  }
}

/** apt's APT::Status-Fd: `dlstatus:<n>:<percent>:…` while it downloads, `pmstatus:<package>:<percent>:…` while dpkg works. */
function tellStatus(line: string, { phases }: LibraryMessages, onPhase: AssemblyContext['onPhase']): void {
  const [kind, , percent] = line.split(':', 3)
  if (kind === 'dlstatus') onPhase(phases.download, Number(percent))
  else if (kind === 'pmstatus') onPhase(phases.install, Number(percent))
}

function imageConfig(
  context: AssemblyContext,
  recipe: Recipe,
  beneath: Beneath | undefined,
  diffId: DiffId,
  version: string,
): ImageConfig {
  const created = new Date().toISOString()
  const name = recipeName(recipe)
  const source = context.recipes.assembledFrom(recipe)
  const what = recipe.extract ?? recipe.packages ?? ['essential packages']
  const step: HistoryEntry = {
    created,
    created_by: `${source}: ${what.join(' ')}`,
    comment: 'assembled by manufacture',
  }
  const { architecture, os, variant } = hostPlatform()
  const own = recipe.config
  const env = [
    ...(own.Env?.some((one) => one.startsWith('PATH=')) ? [] : [plainPath]),
    ...(own.Env ?? []),
    ...(recipe.version && version !== '' ? [`${recipe.version[0]}=${version}`] : []),
  ]
  const labels = {
    'manufacture.assembled-from': source,
    'manufacture.note': `Assembled on this machine from the Debian archive because Docker Hub could not be reached. It is not the image that Docker Hub has under the name ${name}.`,
  }
  const run: ImageRunConfig = { ...own, Env: env, Labels: { ...own.Labels, ...labels } }
  return {
    created,
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    config: run,
    rootfs: { type: 'layers', diff_ids: [...(beneath?.config.rootfs.diff_ids ?? []), diffId] },
    history: [...(beneath?.config.history ?? []), step],
  }
}
