import { performance } from 'node:perf_hooks'
import { Client, pool, quantile } from './client.ts'
import { configMap, configMapsPath, namespace, pod, podName, podsPath } from './objects.ts'
import { memoryMb, type Peer } from './peers.ts'

/** One line of the report: what it is called, in which unit, and what issue 4 asks of it. */
export interface Figure {
  readonly name: string
  readonly unit: 'ms' | '/s' | 'MB'
  readonly goal: string
}

export const figures = {
  start: { name: 'start → /readyz', unit: 'ms', goal: '≤ 300 ms' },
  idle: { name: 'memory idle', unit: 'MB', goal: '≤ 80 MB' },
  create: { name: 'create pods, 16 in flight, durable', unit: '/s', goal: '≥ 2,400/s' },
  put: { name: 'PUT ConfigMaps, 16 in flight', unit: '/s', goal: '≥ 3,000/s' },
  patch: { name: 'strategic merge patch of pods, 16 in flight', unit: '/s', goal: '≥ 2,000/s' },
  get1: { name: 'GET, 1 in flight, p50', unit: 'ms', goal: '≤ 0.5 ms' },
  get16: { name: 'GET, 16 in flight', unit: '/s', goal: '≥ 6,000/s' },
  list: { name: 'LIST of all pods', unit: 'ms', goal: '≤ 85 ms' },
  gzip: { name: 'LIST of all pods, gzip', unit: 'ms', goal: '' },
  table: { name: 'LIST of all pods as Table', unit: 'ms', goal: '≤ 60 ms' },
  watch50: { name: 'write → last of 100 watchers, p50', unit: 'ms', goal: '≤ 1.5 ms' },
  watch99: { name: 'write → last of 100 watchers, p99', unit: 'ms', goal: '≤ 4 ms' },
  loaded: { name: 'memory with all pods', unit: 'MB', goal: '≤ 250 MB' },
  collection: { name: 'deletecollection of all pods', unit: 'ms', goal: '≤ 2 s' },
} as const satisfies Record<string, Figure>

export type FigureName = keyof typeof figures
export type Measured = Partial<Record<FigureName, number>>

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** Everything once over, in the order of the baselines. */
export async function measure(peer: Peer, pods: number): Promise<Measured> {
  using client = new Client(peer.target)
  const measured: Measured = { start: peer.startMs, idle: memoryMb(peer) }
  await client.send(
    'POST',
    '/api/v1/namespaces',
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  )
  const bodies = Array.from({ length: pods }, (_, i) => pod(i))
  measured.create = (await pool(pods, 16, (i) => client.must('POST', podsPath, bodies[i]))).perSecond
  measured.list = await timed(() => client.must('GET', podsPath))
  measured.gzip = await timed(() => client.must('GET', podsPath, undefined, { 'accept-encoding': 'gzip' }))
  measured.table = await timed(() => client.must('GET', podsPath, undefined, { accept: table }))
  const get = (i: number) => client.must('GET', `${podsPath}/${podName((i * 7919) % pods)}`)
  await pool(200, 1, get)
  measured.get1 = quantile((await pool(2000, 1, get)).latencies, 0.5)
  measured.get16 = (await pool(4000, 16, get)).perSecond
  const count = Math.min(pods, 3000)
  await pool(count, 16, (i) => client.must('POST', configMapsPath, configMap(`u${i}`, 0)))
  measured.put = (
    await pool(count, 16, (i) => client.must('PUT', `${configMapsPath}/u${i}`, configMap(`u${i}`, i + 1)))
  ).perSecond
  const label = JSON.stringify({ metadata: { labels: { patched: 'yes' } } })
  const type = { 'content-type': 'application/strategic-merge-patch+json' }
  measured.patch = (
    await pool(count, 16, (i) => client.must('PATCH', `${podsPath}/${podName(i)}`, label, type))
  ).perSecond
  const latencies = await watched(peer, client)
  measured.watch50 = quantile(latencies, 0.5)
  measured.watch99 = quantile(latencies, 0.99)
  measured.loaded = memoryMb(peer)
  const from = performance.now()
  await client.must('DELETE', `${podsPath}?gracePeriodSeconds=0`)
  measured.collection = performance.now() - from
  await client.must('DELETE', configMapsPath)
  return measured
}

/** The median of five, after one that does not count. */
async function timed(once: () => Promise<unknown>): Promise<number> {
  const took: number[] = []
  for (let run = -1; run < 5; run++) {
    const from = performance.now()
    await once()
    if (run >= 0) took.push(performance.now() - from)
  }
  return quantile(took, 0.5)
}

const watchers = 100
const updates = 500

/** From the start of each write to its arrival at the last watcher. */
async function watched(peer: Peer, client: Client): Promise<number[]> {
  using far = new Client(peer.target, 2)
  const { metadata } = JSON.parse((await client.must('GET', `${configMapsPath}?limit=1`)).body.toString())
  await client.must('POST', configMapsPath, configMap('w', -1))
  const arrived: { count: number; lastMs: number }[] = []
  let settle: () => void = () => undefined
  const path = `${configMapsPath}?watch=1&resourceVersion=${metadata.resourceVersion}`
  const ready = await Promise.all(
    Array.from({ length: watchers }, async () => {
      const { stream } = await far.open('GET', path)
      stream.setEncoding('utf8')
      stream.on('error', () => undefined)
      return new Promise<void>((resolve) => {
        let rest = ''
        stream.on('data', (text: string) => {
          const now = performance.now()
          const lines = (rest + text).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            const sequence = Number(/"seq":"(-?\d+)"/.exec(line)?.[1])
            if (sequence === -1) resolve()
            if (!(sequence >= 0)) continue
            const seen = arrived[sequence] ?? { count: 0, lastMs: 0 }
            arrived[sequence] = { count: seen.count + 1, lastMs: now }
            if (seen.count + 1 === watchers) settle()
          }
        })
      })
    }),
  )
  await Promise.all(ready)
  const latencies: number[] = []
  for (let i = 0; i < updates; i++) {
    const all = new Promise<void>((resolve) => {
      settle = resolve
    })
    const from = performance.now()
    await client.must('PUT', `${configMapsPath}/w`, configMap('w', i))
    if ((arrived[i]?.count ?? 0) < watchers) await all
    latencies.push((arrived[i]?.lastMs ?? Number.NaN) - from)
  }
  return latencies
}
