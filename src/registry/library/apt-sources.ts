import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One archive, as apt's configuration names it. */
export interface AptSource {
  readonly uri: string
  readonly suites: readonly string[]
  readonly components: readonly string[]
  /** a file, or the keys themselves */
  readonly signedBy?: string
}

/** All binary sources in /etc/apt/sources.list and /etc/apt/sources.list.d, in either form. */
export async function readAptSources(aptDir: string): Promise<AptSource[]> {
  const folder = join(aptDir, 'sources.list.d')
  const parts = (await ifThere(() => readdir(folder))) ?? []
  const files = [join(aptDir, 'sources.list'), ...parts.toSorted().map((name) => join(folder, name))]
  const sources: AptSource[] = []
  for (const file of files) {
    const text = await ifThere(() => readFile(file, 'utf8'))
    if (text === undefined) continue
    if (file.endsWith('.sources')) sources.push(...parseDeb822(text))
    else if (file.endsWith('.list')) sources.push(...parseOneLine(text))
  }
  return sources
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}

/** `deb [signed-by=/file] URI suite component…` */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line)
    if (!match?.[2] || !match[3]) return []
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(match[1] ?? '')?.[1]
    return [{ uri: match[2], suites: [match[3]], components: words(match[4]), ...(signedBy ? { signedBy } : {}) }]
  })
}

/** Stanzas of fields, RFC 822 with folded lines; a dot alone stands for an empty line. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n[ \t]*(?:\n[ \t]*)+/).flatMap((stanza) => {
    const fields = fieldsOf(stanza)
    if (!words(fields.get('types')).includes('deb') || /^(no|false|0)$/i.test(fields.get('enabled') ?? '')) return []
    const signedBy = fields.get('signed-by')?.trim()
    return words(fields.get('uris')).map((uri) => ({
      uri,
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      ...(signedBy ? { signedBy } : {}),
    }))
  })
}

function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>()
  let current = ''
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue
    const field = /^([A-Za-z0-9-]+):(.*)$/.exec(line)
    if (field?.[1]) {
      current = field[1].toLowerCase()
      fields.set(current, field[2]?.trim() ?? '')
    } else if (/^\s/.test(line) && current !== '') {
      const folded = line.trim() === '.' ? '' : line.trim()
      fields.set(current, `${fields.get(current) ?? ''}\n${folded}`)
    }
  }
  return fields
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}
