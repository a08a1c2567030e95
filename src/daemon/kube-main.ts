import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { processLog } from './kube-http/process-log.ts'

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
  keepHeapSmall()
  // Before the rest is loaded: from the second start on, nothing has to be compiled.
  enableCompileCache(join(stateDir, 'compile-cache'))
  const { startKube } = await import('./kube.ts')
  const log = processLog(values['log-level'])
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

/**
 * Objects live in buffers beside the heap; what is on it is mostly garbage of requests. Collecting it earlier costs a
 * little time and saves a third of the memory.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30')
}

if (import.meta.main) await runKube(process.argv.slice(2))
