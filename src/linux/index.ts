/** The door of linux/: every touch of the kernel. Start with `openLinux`; the daemon is started through `launchArgv`. */
import type { HostFacts, Linux, LinuxOptions, LogRecord, MachineNeed, ReadLogOptions } from './contract.ts'
import type { OciDevice, OciSpec } from './oci-spec.ts'

export type * from './contract.ts'
export type * from './oci-spec.ts'

/** Opens the kernel for one instance. The process must have been started through `launchArgv` (tests: `enterMounts`). */
export declare function openLinux(options: LinuxOptions): Promise<Linux>

/**
 * What to spawn so that `argv` runs in this instance's own mount namespace. The namespace is made on first use, is
 * pinned by a file in runtimeDir and so outlives every process in it; mounts that the host makes later are seen in it,
 * mounts made in it are not seen by the host. The working directory is kept.
 */
export declare function launchArgv(runtimeDir: string, argv: string[]): string[]

/** Whether this process is in the namespace that `launchArgv` pins. */
export declare function isInside(runtimeDir: string): boolean

/**
 * Lets go of the pinned namespace: with the last process in it, all its mounts are gone, and the host's mount table is
 * as it was. Call it outside, after the daemon has ended. Nothing pinned is not an error.
 */
export declare function releaseMounts(runtimeDir: string): void

/**
 * For tests and short tools that cannot be launched: moves the calling thread (and so its children and its
 * synchronous calls, not the thread pool) into a fresh mount namespace of the same kind. There is no way back.
 */
export declare function enterMounts(): void

/** A container's log in batches, oldest first. A missing file is an empty log. */
export declare function readLog(path: string, options?: ReadLogOptions): AsyncGenerator<LogRecord[], void, undefined>

/** Read once per call; cheap but for the two versions, which are remembered. */
export declare function hostFacts(): HostFacts

/** What `doctor` shows; nothing is changed. */
export declare function machineNeeds(): MachineNeed[]

/** Every device node below /dev but terminals of others, for a privileged container. */
export declare function hostDevices(): OciDevice[]

/** The device node at a path (symbolic links followed), or of every node below it where it is a folder. */
export declare function deviceAt(hostPath: string, containerPath: string): OciDevice[]

/** Names (CAP_…) that this process may grant. */
export declare function availableCapabilities(): string[]

/** The specification lowered to what this process may grant, and a sentence for each thing lowered. `create` does it by itself. */
export declare function fitToHost(spec: OciSpec): { spec: OciSpec; adjustments: string[] }
