// npm run bench:cluster [pods]: our API's figures and, where KUBE_APISERVER names its binary, Kubernetes' own beside them
// from runs in turn. A report, not a test. BENCH_RUNS says how many runs.
import { cpus, release, totalmem } from 'node:os'
import { quantile } from './client.ts'
import { kubeApiserver, ours, type Peer } from './peers.ts'
import { type Figure, type FigureName, figures, type Measured, measure } from './works.ts'

const pods = Number(process.argv[2] ?? 10_000)
const runs = Number(process.env.BENCH_RUNS ?? 3)
const starts: readonly (() => Promise<Peer | undefined>)[] = [ours, kubeApiserver]
const results = new Map<string, Measured[]>()

for (let run = 0; run < runs; run++) {
  // One after the other, never side by side.
  for (const start of starts) {
    const peer = await start()
    if (!peer) continue
    await using running = peer
    process.stderr.write(`run ${run + 1} of ${runs}: ${running.name}\n`)
    const list = results.get(running.name) ?? []
    list.push(await measure(running, pods))
    results.set(running.name, list)
  }
}

const median = (name: string, figure: FigureName): number =>
  quantile(
    (results.get(name) ?? []).flatMap((measured) => measured[figure] ?? []),
    0.5,
  )

function shown(value: number, { unit }: Figure): string {
  if (Number.isNaN(value)) return '-'
  const text = value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en')
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`
}

const names = [...results.keys()]
const [first = '', ...others] = names
const header = ['work', 'goal', ...names, ...others.map((name) => `${first} / ${name}`)]
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`
console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}, ${pods} pods, medians of ${runs} runs\n`)
console.log(`| ${header.join(' | ')} |\n|${header.map(() => '---').join('|')}|`)
for (const key of Object.keys(figures) as FigureName[]) {
  const figure: Figure = figures[key]
  const values = names.map((name) => shown(median(name, key), figure))
  const ratios = others.map((name) => (median(first, key) / median(name, key)).toFixed(2))
  console.log(`| ${[figure.name, figure.goal, ...values, ...ratios].join(' | ')} |`)
}
