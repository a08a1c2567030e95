import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { Instance } from './instance.ts'

/** Kubernetes in a process of its own, so that a long list there never makes `docker run` wait. */
export interface KubeChild extends AsyncDisposable {
  url: string
  /** Path of the kubeconfig file. */
  kubeconfig: string
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

export async function startKubeChild(instance: Instance, log: Logger): Promise<KubeChild> {
  const main = fileURLToPath(new URL('kube-main.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, '--state', instance.kubeDir],
    // Its input stays open as long as this process lives: the end of it ends the child, however this process dies.
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended(child).then(() => undefined),
  ])
  if (first === undefined) throw new Error('Cannot start Kubernetes: its process ended before it was ready')
  const ready = JSON.parse(first) as { url: string; kubeconfigFile: string }
  child.once('exit', (code, signal) => {
    if (signal !== 'SIGTERM') log.error({ code, signal }, 'the Kubernetes process ended')
  })
  return {
    url: ready.url,
    kubeconfig: ready.kubeconfigFile,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended(child)
    },
  }
}
