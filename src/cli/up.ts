import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { type DaemonStatus, type Instance, launchDaemon, prepareStateDir, readStatus } from '../daemon/index.ts'
import { buildPage } from '../web/index.ts'
import { bringClients, clientsPath } from './clients.ts'
import { writeDockerContext } from './docker-context.ts'
import { CliError, exitCodes } from './exit-codes.ts'
import { mergeKubeconfig } from './kubeconfig.ts'
import { language, say } from './messages/language.ts'
import { bold, print, remark, withProgress } from './output.ts'
import { meetRequirements } from './requirements.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'
import { printStatus } from './status.ts'

interface UpOptions extends StateOption {
  foreground?: boolean
  registryPort?: number
  kubernetes: boolean
  workshop: boolean
  registryMirror: string[]
  insecureRegistry: string[]
  debianArchive?: string
}

const webDir = fileURLToPath(new URL('../../dist/web', import.meta.url))

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('0 - 65535')
  return port
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value]
}

async function printNext(status: DaemonStatus): Promise<void> {
  const context = await writeDockerContext(status.context, status.addresses.docker, status.context === 'manufacture')
  if (status.kubeconfig) await mergeKubeconfig(status.context, status.kubeconfig)
  printStatus(status)
  print('')
  if (context.current === status.context) print(`${say.tryNow} ${say.contextCurrent}`)
  else print(say.contextOther(context.current, status.context))
  print(`  ${bold('docker run -it python:3.9')}`)
  print(`  ${bold('manufacture shell')}`)
}

async function start(instance: Instance, options: UpOptions): Promise<void> {
  const launch = () =>
    launchDaemon(instance, {
      foreground: options.foreground ?? false,
      kubernetes: options.kubernetes,
      workshop: options.workshop,
      path: clientsPath(instance),
      registryMirrors: options.registryMirror,
      insecureRegistries: options.insecureRegistry,
      language,
      ...(options.debianArchive === undefined ? {} : { debianArchive: options.debianArchive }),
      ...(options.registryPort === undefined ? {} : { registryPort: options.registryPort }),
    })
  const launched = options.foreground ? await launch() : await withProgress(say.starting, launch)
  if (launched.kind === 'exited') {
    process.exitCode = launched.exitCode
    return
  }
  if (launched.kind === 'failed') {
    const reason = launched.timeoutSeconds === undefined ? say.startFailed : say.startTimeout(launched.timeoutSeconds)
    throw new CliError(`${reason}\n${launched.logTail}`, { next: say.seeLog })
  }
  print(say.ready(Math.round(launched.milliseconds)))
  if (options.kubernetes && !launched.status.addresses.kubernetes) remark(say.kubernetesFailed)
  await printNext(launched.status)
}

export function upCommand(): Command {
  return instanceCommand(
    'up',
    say.upDescription,
    'manufacture up',
    'manufacture up --state /tmp/second --registry-port 0',
  )
    .option('--foreground', say.upForeground)
    .option('--registry-port <port>', say.upRegistryPort, portNumber)
    .option('--registry-mirror <url>', say.upMirror, collect, [])
    .option('--insecure-registry <host>', say.upInsecure, collect, [])
    .option('--debian-archive <uri>', say.upArchive)
    .option('--no-kubernetes', say.upNoKubernetes)
    .option('--no-workshop', say.upNoWorkshop)
    .action(async (options: UpOptions) => {
      if (process.getuid?.() !== 0) {
        throw new CliError(say.needsRoot, { exitCode: exitCodes.missing, next: say.needsRootNext })
      }
      const instance = instanceOf(options)
      const running = await readStatus(instance)
      if (running) {
        print(say.alreadyRuns)
        await printNext(running)
        return
      }
      await meetRequirements()
      await prepareStateDir(instance)
      await bringClients(instance)
      if (options.workshop) await buildPage(webDir)
      await start(instance, options)
    })
}
