import { chmodSync, mkdirSync } from 'node:fs'
import { CrunRuntime } from './container-runtime.ts'
import type { Linux, LinuxOptions } from './contract.ts'
import { NftFirewall } from './firewall.ts'
import { hideUnified } from './hide-unified.ts'
import { KernelNetwork } from './network.ts'
import { overlays } from './overlay.ts'
import { ports } from './ports.ts'
import { Sysctls } from './sysctls.ts'

export async function openLinux(options: LinuxOptions): Promise<Linux> {
  const { runtimeDir, instance, log } = options
  if (!/^[a-z0-9]{1,8}$/.test(instance))
    throw new Error(`Cannot open the kernel: the instance's name must be 1 to 8 of a-z0-9 (${instance})`)
  mkdirSync(runtimeDir, { recursive: true, mode: 0o700 })
  chmodSync(runtimeDir, 0o711)
  hideUnified()
  const sysctls = new Sysctls(runtimeDir)
  await using stack = new AsyncDisposableStack()
  const firewall = stack.use(new NftFirewall(instance))
  const network = new KernelNetwork({
    runtimeDir,
    instance,
    warmNamespaces: options.warmNamespaces ?? 8,
    sysctls,
    keepsApart: (bridge) => firewall.keepsApart(bridge),
  })
  stack.defer(() => network.close())
  const containers = stack.use(new CrunRuntime({ runtimeDir, instance, log }))
  const opened = stack.move()
  return {
    containers,
    overlays,
    network,
    firewall,
    ports,
    async release() {
      await containers.release()
      for (const target of overlays.mounted('/').filter((path) => path.startsWith(runtimeDir))) overlays.unmount(target)
      await network.release()
      firewall.release()
      sysctls.restore()
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
