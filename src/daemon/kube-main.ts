import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { startKube } from './kube.ts'

/**
 * The Kubernetes API as a process of its own: prints one line of JSON when it answers, ends on SIGTERM and SIGINT.
 *
 *     node src/daemon/kube-main.ts --state-dir DIR [--port N]
 */
export async function runKube(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'state-dir': { type: 'string' },
      port: { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
    },
  })
  const stateDir = values['state-dir']
  if (!stateDir) throw new Error('Cannot start the Kubernetes API: --state-dir is missing')
  const log = pino({ level: values['log-level'] }, pino.destination({ dest: 2, sync: true }))
  const kube = await startKube({ stateDir, log, ...(values.port === undefined ? {} : { port: Number(values.port) }) })
  const { url, caPem, kubeconfig } = kube
  process.stdout.write(`${JSON.stringify({ url, caPem, kubeconfig })}\n`)
  const stop = () => {
    void kube[Symbol.asyncDispose]().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

if (import.meta.main) await runKube(process.argv.slice(2))
