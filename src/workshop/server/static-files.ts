import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'

const compress = promisify(brotliCompress)

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

const compressible = new Set(['.html', '.js', '.css', '.svg', '.json'])
const compressed = new Map<string, Buffer>()

/** Serves a file of the built page; false where there is none. Names with a hash in them are kept by the browser. */
export async function serveFile(
  root: string,
  path: string,
  response: ServerResponse,
  acceptsBrotli: boolean,
): Promise<boolean> {
  const name = path === '/' ? '/index.html' : normalize(path)
  const type = types[extname(name)]
  if (!type || name.includes('..') || name.includes('\0')) return false
  let bytes: Buffer
  try {
    bytes = await readFile(join(root, name))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return false
    throw error
  }
  const headers: Record<string, string> = { 'content-type': type }
  if (name.startsWith('/assets/')) headers['cache-control'] = 'private, max-age=31536000, immutable'
  if (acceptsBrotli && compressible.has(extname(name))) {
    const known = compressed.get(name) ?? (await compress(bytes))
    if (name.startsWith('/assets/')) compressed.set(name, known)
    bytes = known
    headers['content-encoding'] = 'br'
  }
  response.writeHead(200, headers).end(bytes)
  return true
}
