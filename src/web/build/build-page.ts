import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('..', import.meta.url))

/** Newest change below a folder, in milliseconds since 1970. */
async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs))
  return Math.max(0, ...times)
}

/** Bundles the page into `out`, unless what is there is newer than every source. */
export async function buildPage(out: string): Promise<'built' | 'fresh'> {
  const index = join(out, 'index.html')
  const built = await stat(index).then(
    (file) => file.mtimeMs,
    () => 0,
  )
  if (built > (await newest(source))) return 'fresh'
  const { build } = await import('esbuild')
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const { metafile } = await build({
    entryPoints: [join(source, 'main.tsx')],
    outdir: join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    metafile: true,
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.woff2': 'file', '.woff': 'empty' },
    logLevel: 'warning',
    absWorkingDir: source,
  })
  const entry = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === 'main.tsx')
  if (!entry) throw new Error('Cannot build the page: esbuild made no entry')
  const [script, { cssBundle }] = entry
  const html = (await readFile(join(source, 'index.html'), 'utf8'))
    .replace('src="/main.tsx"', `src="/assets/${basename(script)}"`)
    .replace(
      '</head>',
      cssBundle ? `  <link rel="stylesheet" href="/assets/${basename(cssBundle)}" />\n  </head>` : '</head>',
    )
  await cp(join(source, 'public'), out, { recursive: true })
  await writeFile(index, html)
  return 'built'
}
