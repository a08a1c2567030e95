/**
 * The door of engine/:
 *
 *     await using engine = await openEngine({ stateDir, runtimeDir, instanceId, linux, content, transfer, log })
 *     const { Id } = await engine.containers.create({ config: { Image: 'busybox', Cmd: ['true'] } })
 *     await engine.containers.start(Id)
 */
export type { OutputChunk, TerminalSize } from '../linux/index.ts'
export type { Credentials, DistributionInspect, LoginResult } from '../registry/index.ts'
export type * from './build/index.ts'
export { BuildError, createBuilder } from './build/index.ts'
export type * from './contract.ts'
export {
  EngineError,
  type EngineErrorKind,
} from './engine-error.ts'
export { openEngine } from './open-engine.ts'
export type * from './shapes/index.ts'
