import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { Client, type Target } from './client.ts'

/** A server under test, running. */
export interface Peer extends AsyncDisposable {
  readonly name: string
  readonly target: Target
  /** From the start of the process to the first 200 of /readyz. */
  readonly startMs: number
  readonly pids: readonly number[]
}

/** As the daemon starts it. */
const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']
const main = fileURLToPath(new URL('../../src/daemon/kube-main.ts', import.meta.url))

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill()
  await ended(child)
}

export async function ours(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-kube-'))
  const start = async () => {
    const from = performance.now()
    const child = spawn(process.execPath, [...nodeFlags, main, '--state-dir', folder, '--log-level', 'error'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
    const config = parse((JSON.parse(line) as { kubeconfig: string }).kubeconfig)
    const decode = (text: string) => Buffer.from(text, 'base64').toString()
    const target: Target = {
      url: config.clusters[0].cluster.server,
      ca: decode(config.clusters[0].cluster['certificate-authority-data']),
      cert: decode(config.users[0].user['client-certificate-data']),
      key: decode(config.users[0].user['client-key-data']),
    }
    using client = new Client(target)
    await client.must('GET', '/readyz')
    return { child, target, startMs: performance.now() - from }
  }
  // The first start makes certificates and compiles; the one that users wait for is any later one.
  await stop((await start()).child)
  const { child, target, startMs } = await start()
  return {
    name: 'manufacture',
    target,
    startMs,
    pids: [child.pid ?? 0],
    async [Symbol.asyncDispose]() {
      await stop(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** KUBE_APISERVER names the binary of a real API server; its etcd is ETCD's or that of the path. */
export async function kubeApiserver(): Promise<Peer | undefined> {
  const binary = process.env.KUBE_APISERVER
  if (!binary) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'bench-apiserver-'))
  const [clientPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
  const http = (of: number) => `http://127.0.0.1:${of}`
  const etcd = spawn(
    process.env.ETCD ?? 'etcd',
    [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${http(clientPort)}`,
      `--advertise-client-urls=${http(clientPort)}`,
      `--listen-peer-urls=${http(peerPort)}`,
      `--initial-advertise-peer-urls=${http(peerPort)}`,
      `--initial-cluster=default=${http(peerPort)}`,
    ],
    { stdio: 'ignore' },
  )
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  writeFileSync(join(folder, 'sa.key'), privateKey, { mode: 0o600 })
  writeFileSync(join(folder, 'sa.pub'), publicKey)
  writeFileSync(join(folder, 'tokens.csv'), 'bench,admin,admin,system:masters\n', { mode: 0o600 })
  const from = performance.now()
  const server = spawn(
    binary,
    [
      `--etcd-servers=${http(clientPort)}`,
      `--cert-dir=${folder}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      '--authorization-mode=AlwaysAllow',
      '--disable-admission-plugins=ServiceAccount',
      '--service-cluster-ip-range=10.96.0.0/12',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
    ],
    { stdio: 'ignore' },
  )
  const target: Target = { url: `https://127.0.0.1:${port}`, token: 'bench' }
  await untilReady(target, server)
  return {
    name: 'kube-apiserver',
    target,
    startMs: performance.now() - from,
    pids: [server.pid ?? 0, etcd.pid ?? 0],
    async [Symbol.asyncDispose]() {
      await stop(server)
      await stop(etcd)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilReady(target: Target, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`kube-apiserver ended with ${child.exitCode}`)
    try {
      using client = new Client(target)
      if ((await client.send('GET', '/readyz')).status === 200) return
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Proportional set size of all of a peer's processes, in MB. */
export function memoryMb({ pids }: Peer): number {
  return pids.reduce((sum, pid) => {
    const kb = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return sum + Number(kb ?? 0) / 1024
  }, 0)
}
