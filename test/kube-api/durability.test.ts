import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http2 from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { configMap } from './cluster.ts'

/** So many times the API is killed at a random moment; CI may ask for fewer or more. */
const rounds = Number(process.env.KUBE_KILL_ROUNDS ?? 50)

interface Running {
  readonly session: http2.ClientHttp2Session
  kill(): Promise<void>
}

const main = fileURLToPath(new URL('../../src/daemon/kube-main.ts', import.meta.url))

async function start(stateDir: string): Promise<Running> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, '--state-dir', stateDir, '--log-level', 'error'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the API ended with ${code}`)))
  })
  const { kubeconfig } = JSON.parse(line) as { kubeconfig: string }
  const config = parse(kubeconfig)
  const decode = (text: string) => Buffer.from(text, 'base64').toString()
  const session = http2.connect(config.clusters[0].cluster.server, {
    ca: decode(config.clusters[0].cluster['certificate-authority-data']),
    cert: decode(config.users[0].user['client-certificate-data']),
    key: decode(config.users[0].user['client-key-data']),
  })
  session.on('error', () => undefined)
  return {
    session,
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      session.destroy()
      await ended
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function request(session: http2.ClientHttp2Session, method: string, path: string, body?: unknown): Promise<any> {
  const stream = session.request({ ':method': method, ':path': path, 'content-type': 'application/json' })
  stream.end(body === undefined ? undefined : JSON.stringify(body))
  let text = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream) text += chunk
  return JSON.parse(text)
}

const configMaps = '/api/v1/namespaces/default/configmaps'

test(
  'kill -9 at any moment loses nothing that was answered, and revisions only rise',
  async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'kube-kill-'))
    /** What the API said that it wrote: the version of each object, 'gone' for a deleted one. */
    const known = new Map<string, string>()
    /** Objects whose last write was not answered: it may have happened. */
    let open = new Set<string>()
    let highest = 0
    let acknowledged = 0
    try {
      for (let round = 0; round <= rounds; round++) {
        const api = await start(stateDir)
        const { items, metadata } = await request(api.session, 'GET', configMaps)
        const live = new Map<string, string>(
          items.map((item: { metadata: { name: string; resourceVersion: string } }) => [
            item.metadata.name,
            item.metadata.resourceVersion,
          ]),
        )
        for (const [name, version] of known) {
          if (open.has(name)) continue
          expect(live.get(name) ?? 'gone', `round ${round}, ${name}`).toBe(version)
        }
        expect(Number(metadata.resourceVersion)).toBeGreaterThanOrEqual(highest)
        const versions = [...live.values()]
        expect(new Set(versions).size).toBe(versions.length)
        for (const [name, version] of live) known.set(name, version)
        for (const name of open) if (!live.has(name)) known.set(name, 'gone')
        if (round === rounds) {
          await api.kill()
          break
        }
        open = new Set()
        let running = true
        const writer = async (lane: number) => {
          for (let i = 0; running; i++) {
            const name = `l${lane}-${i % 7}`
            const there = known.get(name) !== undefined && known.get(name) !== 'gone'
            open.add(name)
            const answer = await (there && i % 5 === 4
              ? request(api.session, 'DELETE', `${configMaps}/${name}`)
              : there
                ? request(api.session, 'PUT', `${configMaps}/${name}`, configMap(name, { i: `${round}.${i}` }))
                : request(api.session, 'POST', configMaps, configMap(name, { i: `${round}.${i}` })))
            open.delete(name)
            acknowledged++
            if (answer.kind === 'Status') {
              if (answer.status === 'Success') known.set(name, 'gone')
              else throw new Error(answer.message)
              continue
            }
            const version = Number(answer.metadata.resourceVersion)
            highest = Math.max(highest, version)
            known.set(name, answer.metadata.resourceVersion)
          }
        }
        const lanes = Promise.allSettled(Array.from({ length: 8 }, (_, lane) => writer(lane)))
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 120))
        await api.kill()
        running = false
        const failures = (await lanes).flatMap((lane) => (lane.status === 'rejected' ? [lane.reason as Error] : []))
        for (const { message } of failures) expect(message).not.toMatch(/invalid|modified|exists/)
      }
      expect(acknowledged).toBeGreaterThan(rounds)
    } finally {
      rmSync(stateDir, { recursive: true, force: true })
    }
  },
  rounds * 5000 + 20_000,
)
