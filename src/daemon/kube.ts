import { randomFillSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Api, createAdmission, createApi, type Log, type NodeDialer, openAccess } from '../kube/api/index.ts'
import { openSqliteStore } from '../kube/store/index.ts'
import { openPki, openTokenKey, type Pki } from './kube-http/pki.ts'
import { serve } from './kube-http/serve.ts'
import { systemClock } from './kube-http/system-clock.ts'

export interface KubeOptions {
  /** Where certificates, keys and the store are kept; made if absent. */
  readonly stateDir: string
  readonly log: Log
  /** On 127.0.0.1; without it the port of the last start, or a free one. */
  readonly port?: number
  /** Reaches the nodes that run pods: logs, exec, attach, port forwarding, proxies. */
  readonly nodes?: NodeDialer
}

export interface Kube extends AsyncDisposable {
  readonly url: string
  readonly caPem: string
  /** A whole kubeconfig file in YAML: context `manufacture`, with the administrator's certificate inside. */
  readonly kubeconfig: string
}

const host = '127.0.0.1'

/** Starts the Kubernetes API in this process. `src/daemon/kube-main.ts` does so in a process of its own. */
export async function startKube({ stateDir, log, port, nodes }: KubeOptions): Promise<Kube> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const pkiDir = join(stateDir, 'pki')
  const [pki, signingKeyPem, store] = await Promise.all([
    openPki(pkiDir),
    openTokenKey(pkiDir),
    openSqliteStore({ path: join(stateDir, 'kube.db') }),
  ])
  let api: Api | undefined
  try {
    const shared = { store, clock: systemClock, random: randomBytes, log }
    const access = await openAccess({ ...shared, signingKeyPem })
    const admission = await createAdmission({ ...shared, access })
    api = await createApi({
      ...shared,
      authenticate: access.authenticate,
      authorize: access.authorize,
      virtual: access.virtual,
      fallback: access.fallback,
      admission,
      ...(nodes ? { nodes } : {}),
    })
    const served = await listen(stateDir, port, (chosen) =>
      serve({
        handle: (api as Api).handle,
        host,
        port: chosen,
        key: pki.serverKey,
        certificate: pki.serverCertificate,
        clientCa: pki.caPem,
        log,
      }),
    )
    await api.publishEndpoint(host, served.port)
    const url = `https://${host}:${served.port}`
    const running = api
    return {
      url,
      caPem: pki.caPem,
      kubeconfig: kubeconfigOf(url, pki),
      async [Symbol.asyncDispose]() {
        await served[Symbol.asyncDispose]()
        await running[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

const pool = Buffer.alloc(8192)
let used = pool.length

/** Random bytes out of a pool: a request needs a few, and every call to the system costs. */
function randomBytes(length: number): Uint8Array {
  if (length > 64) return randomFillSync(new Uint8Array(length))
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Uint8Array.prototype.slice.call(pool, used, used + length)
  used += length
  return bytes
}

/** A port that was asked for is taken or nothing is; the one of the last start gives way to a free one. */
async function listen<T extends { readonly port: number }>(
  stateDir: string,
  port: number | undefined,
  open: (port: number) => Promise<T>,
): Promise<T> {
  const file = join(stateDir, 'kube.port')
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  let served: T
  try {
    served = await open(port ?? last)
  } catch (error) {
    if (port !== undefined || last === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    served = await open(0)
  }
  if (served.port !== last) writeFileSync(file, String(served.port))
  return served
}

function kubeconfigOf(server: string, { caPem, adminCertificate, adminKey }: Pki): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'manufacture',
    clusters: [{ name: 'manufacture', cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    contexts: [{ name: 'manufacture', context: { cluster: 'manufacture', user: 'manufacture' } }],
    users: [
      {
        name: 'manufacture',
        user: { 'client-certificate-data': base64(adminCertificate), 'client-key-data': base64(adminKey) },
      },
    ],
  })
}
