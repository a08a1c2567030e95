/** The door of linux/: every touch of the kernel. Start with `openLinux`; the daemon is started through `launchArgv`. */
import type { Linux, LinuxOptions } from './contract.ts'

export type * from './contract.ts'
export { deviceAt, hostDevices } from './devices.ts'
export { availableCapabilities, fitToHost } from './fit-to-host.ts'
export { hostFacts } from './host-facts.ts'
export { readLog } from './log-file.ts'
export { machineNeeds } from './machine-needs.ts'
export { isInside, launchArgv, releaseMounts } from './mount-namespace.ts'
export type * from './oci-spec.ts'

/**
 * Opens the kernel for one instance. The process must have been started through `launchArgv` (tests: `enterMounts`).
 * Loaded only when it is called: the command line uses this door too, and needs no foreign function.
 */
export async function openLinux(options: LinuxOptions): Promise<Linux> {
  const { openLinux: open } = await import('./open-linux.ts')
  return await open(options)
}

/**
 * For tests and short tools that cannot be launched: moves the calling thread (and so its children and its
 * synchronous calls, not the thread pool) into a fresh mount namespace of the same kind. There is no way back.
 */
export async function enterMounts(): Promise<void> {
  const { enterMounts: enter } = await import('./hide-unified.ts')
  enter()
}
