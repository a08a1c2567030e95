import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { cli, pssMb, timed } from './measure.ts'
import type { Peer } from './peers.ts'

/** At once: podman's `rm -f` alone waits ten seconds for each. */
async function remove(peer: Peer, ids: readonly string[]): Promise<void> {
  await cli(peer, ['rm', '-f', ...(peer.name === 'podman' ? ['-t', '0'] : []), ...ids])
}

export interface Work {
  name: string
  /** What the issue asks of ours, in the unit of the figure. */
  goal: string
  unit: 'ms' | 'MB' | 'ratio'
  runs: number
  prepare?(peer: Peer): Promise<void>
  /** One figure, or undefined where the peer has no such thing. */
  once(peer: Peer): Promise<number | undefined>
  finish?(peer: Peer): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function answersHttp(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    const end = (good: boolean) => {
      socket.destroy()
      resolve(good)
    }
    socket.setTimeout(500, () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(answer.includes(' 200 ')))
    socket.on('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'))
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.includes(' 200 ')) end(true)
    })
  })
}

const httpd = ['busybox', 'sh', '-c', 'mkdir /www && echo hello > /www/index.html && exec httpd -f -p 80 -h /www']
const steps = `FROM busybox
RUN echo one > /one
RUN echo two > /two
COPY file /file
ENV A=b
RUN cat /one /two /file > /three
`

const contexts = new Map<Peer, string>()
async function context(peer: Peer): Promise<string> {
  const known = contexts.get(peer)
  if (known) return known
  const folder = await mkdtemp(join(tmpdir(), 'bench-context-'))
  contexts.set(peer, folder)
  await writeFile(join(folder, 'Dockerfile'), steps)
  await writeFile(join(folder, 'file'), 'hello\n')
  return folder
}

export async function removeContexts(): Promise<void> {
  for (const folder of contexts.values()) await rm(folder, { recursive: true, force: true })
}

const archives = new Map<Peer, string>()
const bigImage = process.env.BENCH_IMAGE ?? 'nginx'

async function requestsPerSecond(url: string): Promise<number> {
  const child = spawn('wrk', ['-t1', '-c16', '-d3s', url], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])
}

export const works: readonly Work[] = [
  {
    name: 'start → `version` answers',
    goal: '≤ 250',
    unit: 'ms',
    runs: 5,
    async once(peer) {
      if (!peer.start || !peer.stop) return undefined
      await peer.stop()
      return await peer.start()
    },
  },
  {
    name: '`run --rm busybox true` (bridge)',
    goal: '≤ 40',
    unit: 'ms',
    runs: 15,
    once: (peer) => timed(peer, ['run', '--rm', 'busybox', 'true']),
  },
  {
    name: '`run -d -p` → first 200 on the port',
    goal: '≤ 40',
    unit: 'ms',
    runs: 15,
    async once(peer) {
      const port = await freePort()
      const started = performance.now()
      const id = await cli(peer, ['run', '-d', '-p', `127.0.0.1:${port}:80`, ...httpd])
      while (!(await answersHttp(port))) await turn()
      const took = performance.now() - started
      await remove(peer, [id])
      return took
    },
  },
  {
    name: '`exec … true`',
    goal: '≤ 20',
    unit: 'ms',
    runs: 15,
    prepare: async (peer) => void (await cli(peer, ['run', '-d', '--name', 'bench-exec', 'busybox', 'sleep', '3600'])),
    once: (peer) => timed(peer, ['exec', 'bench-exec', 'true']),
    finish: async (peer) => void (await remove(peer, ['bench-exec'])),
  },
  {
    name: '100 × `run -d`, 8 at a time',
    goal: '≤ 2500',
    unit: 'ms',
    runs: 2,
    async once(peer) {
      const ids: string[] = []
      let left = 100
      const started = performance.now()
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          while (left-- > 0) ids.push(await cli(peer, ['run', '-d', 'busybox', 'sleep', '3600']))
        }),
      )
      const took = performance.now() - started
      await remove(peer, [...ids])
      return took
    },
  },
  {
    name: '`build`, 6 steps, nothing cached',
    goal: '≤ 120',
    unit: 'ms',
    runs: 7,
    once: async (peer) => timed(peer, ['build', '--no-cache', '-q', '.'], await context(peer)),
  },
  {
    name: '`build`, 6 steps, all cached',
    goal: '≤ 25',
    unit: 'ms',
    runs: 11,
    prepare: async (peer) => void (await cli(peer, ['build', '-q', '.'], await context(peer))),
    once: async (peer) => timed(peer, ['build', '-q', '.'], await context(peer)),
  },
  {
    name: '`logs`, 100k lines',
    goal: '≤ 150',
    unit: 'ms',
    runs: 7,
    prepare: async (peer) =>
      void (await cli(peer, [
        'run',
        '--name',
        'bench-logs',
        'busybox',
        'sh',
        '-c',
        "yes 'a line of eighty characters or so, as a web server writes them to its access log' | head -n 100000",
      ])),
    once: (peer) => timed(peer, ['logs', 'bench-logs']),
    finish: async (peer) => void (await remove(peer, ['bench-logs'])),
  },
  {
    name: `\`save\` ${bigImage}`,
    goal: '≤ 600',
    unit: 'ms',
    runs: 3,
    async prepare(peer) {
      archives.set(peer, join(await context(peer), 'saved.tar'))
    },
    async once(peer) {
      const archive = archives.get(peer) ?? ''
      await rm(archive, { force: true })
      return await timed(peer, ['save', '-o', archive, bigImage])
    },
  },
  {
    name: `\`load\` ${bigImage}`,
    goal: '≤ 1500',
    unit: 'ms',
    runs: 3,
    async once(peer) {
      await cli(peer, ['rmi', '-f', bigImage])
      return await timed(peer, ['load', '-q', '-i', archives.get(peer) ?? ''])
    },
  },
  {
    name: 'published port, share of the host’s own requests/s',
    goal: '≥ 0.97',
    unit: 'ratio',
    runs: 2,
    async prepare(peer) {
      if (hostPort === 0) await startHostNginx(peer)
    },
    async once(peer) {
      const port = await freePort()
      const id = await cli(peer, ['run', '-d', '-p', `${port}:80`, ...nginxOn(80)])
      while (!(await answersHttp(port))) await turn()
      const through = await requestsPerSecond(`http://127.0.0.1:${port}/`)
      const direct = await requestsPerSecond(`http://127.0.0.1:${hostPort}/`)
      await remove(peer, [id])
      return through / direct
    },
  },
  {
    name: 'idle memory (PSS)',
    goal: '≤ 90',
    unit: 'MB',
    runs: 3,
    async once(peer) {
      const pids = await peer.pids()
      return pids.length === 0 ? undefined : pids.reduce((sum, pid) => sum + pssMb(pid), 0)
    },
  },
  {
    name: 'memory per running container, without its processes (PSS)',
    goal: '≤ 1',
    unit: 'MB',
    runs: 1,
    async once(peer) {
      const pids = async () => (await peer.pids()).reduce((sum, pid) => sum + pssMb(pid), 0) + (await conmons())
      if ((await peer.pids()).length === 0) return undefined
      const before = await pids()
      const ids: string[] = []
      for (let n = 0; n < 20; n++) ids.push(await cli(peer, ['run', '-d', 'busybox', 'sleep', '3600']))
      const after = await pids()
      await remove(peer, [...ids])
      return (after - before) / 20
    },
  },
]

/** PSS of every conmon on the machine: the part of a container's weight that is not below the daemon. */
async function conmons(): Promise<number> {
  const child = spawn('pgrep', ['-x', 'conmon'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await new Promise((resolve) => child.once('close', resolve))
  return text
    .split('\n')
    .filter(Boolean)
    .reduce((sum, pid) => sum + pssMb(Number(pid)), 0)
}

/** nginx without an access log, which would measure the log. */
function nginxOn(port: number): string[] {
  const configuration = `events {} http { access_log off; server { listen ${port}; root /usr/share/nginx/html; } }`
  const command = `echo '${configuration}' > /tmp/nginx.conf && exec nginx -c /tmp/nginx.conf -g 'daemon off;'`
  return ['--entrypoint', 'sh', 'nginx', '-c', command]
}

let hostPort = 0

/** The same nginx on the host's own network: what a published port is compared with. */
async function startHostNginx(peer: Peer): Promise<void> {
  hostPort = await freePort()
  await cli(peer, ['run', '-d', '--network', 'host', ...nginxOn(hostPort)])
  while (!(await answersHttp(hostPort))) await turn()
}
