import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { type Document, isMap, isSeq, parseDocument, type YAMLSeq } from 'yaml'

// The user's kubeconfig keeps its comments and everything in it that is not ours.

type Section = 'clusters' | 'users' | 'contexts'
const sections: readonly Section[] = ['clusters', 'users', 'contexts']

/** The first file of KUBECONFIG, which is where kubectl writes; else ~/.kube/config. */
function kubeconfigPath(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.KUBECONFIG?.split(delimiter).find(Boolean) ?? join(homedir(), '.kube/config')
}

async function readDocument(path: string): Promise<Document | undefined> {
  try {
    return parseDocument(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function writeDocument(path: string, document: Document): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.${process.pid}`
  await writeFile(fresh, String(document), { mode: 0o600 })
  await rename(fresh, path)
}

function entries(document: Document, section: Section): YAMLSeq {
  const found = document.get(section)
  if (isSeq(found)) return found
  document.set(section, document.createNode([]))
  return document.get(section) as YAMLSeq
}

function removeEntry(document: Document, section: Section, name: string): void {
  const sequence = entries(document, section)
  sequence.items = sequence.items.filter((item) => !(isMap(item) && item.get('name') === name))
}

interface Named {
  name: string
}

interface Kubeconfig {
  clusters: (Named & { cluster: object })[]
  users: (Named & { user: object })[]
}

/** Puts the context `name` into the user's kubeconfig; current unless another one is in use. */
export async function mergeKubeconfig(name: string, file: string): Promise<void> {
  const path = kubeconfigPath()
  if (path === file) return
  const own = parseDocument(await readFile(file, 'utf8')).toJS() as Kubeconfig
  const document = (await readDocument(path)) ?? parseDocument('apiVersion: v1\nkind: Config\npreferences: {}\n')
  const cluster = own.clusters[0]?.cluster
  const user = own.users[0]?.user
  if (!cluster || !user) throw new Error(`Cannot read ${file}: it names no cluster and no user`)
  for (const section of sections) removeEntry(document, section, name)
  entries(document, 'clusters').add(document.createNode({ name, cluster }))
  entries(document, 'users').add(document.createNode({ name, user }))
  entries(document, 'contexts').add(document.createNode({ name, context: { cluster: name, user: name } }))
  if (!document.get('current-context')) document.set('current-context', name)
  await writeDocument(path, document)
}

/** Takes the context out again; a file that never had it is left as it is. */
export async function removeFromKubeconfig(name: string): Promise<void> {
  const path = kubeconfigPath()
  const document = await readDocument(path)
  if (!document || !String(document).includes(name)) return
  for (const section of sections) removeEntry(document, section, name)
  if (document.get('current-context') === name) document.set('current-context', '')
  await writeDocument(path, document)
}
