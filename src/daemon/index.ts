export { defaultStateDir, type Instance, instanceAt } from './instance.ts'
export { type Launched, type LaunchOptions, launchDaemon, prepareStateDir } from './launch.ts'
export { contextName, type DaemonStatus, processStartTime, readStatus } from './status.ts'
export { looksLikeStateDir, type Stopped, stopDaemon, wipeInstance } from './stop.ts'
