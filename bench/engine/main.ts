// npm run bench:engine [words]: Docker's and podman's figures beside ours, in turn, in one run. A report, not a test.
import { spawn } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { cli, median } from './measure.ts'
import { dockerd, manufacture, type Peer, podman } from './peers.ts'
import { removeContexts, type Work, works } from './works.ts'

const words = process.argv.slice(2)
const chosen = words.length === 0 ? works : works.filter((work) => words.some((word) => work.name.includes(word)))
const note = (text: string) => process.stderr.write(`${text}\n`)

/** The same bytes for every engine: saved by ours, loaded by the others. */
async function share(from: Peer, to: Peer, image: string): Promise<void> {
  const [saveProgram = '', ...saveArgs] = from.cli
  const [loadProgram = '', ...loadArgs] = to.cli
  const save = spawn(saveProgram, [...saveArgs, 'save', image], { env: from.env, stdio: ['ignore', 'pipe', 'inherit'] })
  const load = spawn(loadProgram, [...loadArgs, 'load', '-q'], { env: to.env, stdio: ['pipe', 'ignore', 'inherit'] })
  save.stdout.pipe(load.stdin)
  const code = await new Promise<number | null>((resolve) => load.once('close', resolve))
  if (code !== 0) throw new Error(`${to.name} did not load ${image}`)
}

async function measure(work: Work, peers: readonly Peer[]): Promise<Map<Peer, number>> {
  const figures = new Map<Peer, number[]>(peers.map((peer) => [peer, []]))
  for (const peer of peers) await work.prepare?.(peer)
  // One round that does not count, then in turn: A B C, A B C …
  for (let round = -1; round < work.runs; round++) {
    if (round === -1 && work.runs < 3) continue
    for (const peer of peers) {
      const figure = await work.once(peer)
      if (figure !== undefined && round >= 0) figures.get(peer)?.push(figure)
    }
  }
  for (const peer of peers) await work.finish?.(peer)
  return new Map([...figures].filter(([, values]) => values.length > 0).map(([peer, values]) => [peer, median(values)]))
}

function shown(figure: number | undefined, unit: Work['unit']): string {
  if (figure === undefined) return '-'
  if (unit === 'ratio') return figure.toFixed(2)
  return `${figure < 10 ? figure.toFixed(1) : Math.round(figure)} ${unit}`
}

await using stack = new AsyncDisposableStack()
const ours = stack.use(await manufacture())
const others = (await Promise.all([dockerd(), podman()])).filter((peer) => peer !== undefined)
for (const peer of others) stack.use(peer)
const peers = [ours, ...others]
for (const peer of peers) await peer.start?.()
for (const image of ['busybox', 'nginx']) {
  note(`pull ${image}`)
  await cli(ours, ['pull', '-q', image])
  for (const peer of others) await share(ours, peer, image)
}

const header = ['work', 'goal', ...peers.map((peer) => peer.name), ...others.map((peer) => `ours / ${peer.name}`)]
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`
console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}, medians in one run\n`)
console.log(`| ${header.join(' | ')} |\n|${header.map(() => '---').join('|')}|`)
for (const work of chosen) {
  note(work.name)
  const medians = await measure(work, peers)
  const own = medians.get(ours)
  const ratios = others.map((peer) => {
    const theirs = medians.get(peer)
    return own === undefined || theirs === undefined ? '-' : (own / theirs).toFixed(2)
  })
  const cells = peers.map((peer) => shown(medians.get(peer), work.unit))
  console.log(`| ${[work.name, work.goal, ...cells, ...ratios].join(' | ')} |`)
}
await removeContexts()
