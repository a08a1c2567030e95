import { parseArgs } from 'node:util'
import { type Instance, instanceAt } from './instance.ts'

/** What one daemon runs and where it listens: the command line of `main.ts`, which only `manufacture` calls. */
export interface Configuration {
  instance: Instance
  language: 'en' | 'fr'
  kubernetes: boolean
  workshop: boolean
  /** PATH of the workshop's terminals: the user's own, and the clients that `up` has brought. */
  path: string | undefined
  /** undefined: that of last time, else 5001, else any free one. */
  registryPort: number | undefined
  /** Base URLs that are asked before Docker Hub. */
  registryMirrors: readonly string[]
  /** host[:port] of registries without TLS; loopback addresses always are. */
  insecureRegistries: readonly string[]
  /** Base URI of the Debian archive for the library; default: apt's own. */
  debianArchive: string | undefined
  /** Remove what the instance has in the kernel, and end. */
  release: boolean
}

export function readConfiguration(argv: readonly string[]): Configuration {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      state: { type: 'string' },
      language: { type: 'string', default: 'en' },
      'no-kubernetes': { type: 'boolean', default: false },
      'no-workshop': { type: 'boolean', default: false },
      path: { type: 'string' },
      'registry-port': { type: 'string' },
      'registry-mirror': { type: 'string', multiple: true, default: [] },
      'insecure-registry': { type: 'string', multiple: true, default: [] },
      'debian-archive': { type: 'string' },
      release: { type: 'boolean', default: false },
    },
  })
  if (!values.state) throw new Error('Cannot start the daemon: --state is missing')
  return {
    instance: instanceAt(values.state),
    language: values.language === 'fr' ? 'fr' : 'en',
    kubernetes: !values['no-kubernetes'],
    workshop: !values['no-workshop'],
    path: values.path,
    registryPort: values['registry-port'] === undefined ? undefined : Number(values['registry-port']),
    registryMirrors: values['registry-mirror'],
    insecureRegistries: values['insecure-registry'],
    debianArchive: values['debian-archive'],
    release: values.release,
  }
}
