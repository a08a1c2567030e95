import type { Log } from '../kube/api/index.ts'

export interface KubeOptions {
  /** Where certificates, keys and the store are kept; made if absent. */
  readonly stateDir: string
  readonly log: Log
  /** On 127.0.0.1; without it the port of the last start, or a free one. */
  readonly port?: number
}

export interface Kube extends AsyncDisposable {
  readonly url: string
  readonly caPem: string
  /** A whole kubeconfig file in YAML: context `manufacture`, with the administrator's certificate inside. */
  readonly kubeconfig: string
}

/** Starts the Kubernetes API in this process. `src/daemon/kube-main.ts` does so in a process of its own. */
export async function startKube(_options: KubeOptions): Promise<Kube> {
  throw new Error('Cannot start the Kubernetes API: it is being written')
}
