import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * The Kubernetes API as a process of its own: prints one line of JSON when it answers, ends on SIGTERM and SIGINT.
 *
 *     node src/daemon/kube-main.ts --state-dir DIR [--port N] [--tied]
 */
export async function runKube(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'state-dir': { type: 'string' },
      port: { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
      tied: { type: 'boolean', default: false },
    },
  })
  const stateDir = values['state-dir']
  if (!stateDir) throw new Error('Cannot start the Kubernetes API: --state-dir is missing')
  // Before the rest is loaded: from the second start on, nothing has to be compiled.
  enableCompileCache(join(stateDir, 'compile-cache'))
  const [{ pino }, { startKube }] = await Promise.all([import('pino'), import('./kube.ts')])
  const log = pino({ level: values['log-level'] }, pino.destination({ dest: 2, sync: true }))
  const kube = await startKube({ stateDir, log, ...(values.port === undefined ? {} : { port: Number(values.port) }) })
  const { url, caPem, kubeconfig } = kube
  process.stdout.write(`${JSON.stringify({ url, caPem, kubeconfig })}\n`)
  const stop = () => {
    void kube[Symbol.asyncDispose]().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // Whoever started it holds the other end of its input: it ends with them, however they end.
  if (values.tied) process.stdin.once('end', stop).resume()
}

if (import.meta.main) await runKube(process.argv.slice(2))
