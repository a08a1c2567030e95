/**
 * Builds: a Dockerfile and a context become an image. The solver knows a graph of steps and their content keys; the
 * protocols (the stream of POST /build now, BuildKit's later) are drawn from the events that it emits.
 */
export { BuildError } from './build-error.ts'
export { createBuilder } from './builder.ts'
export type { BuilderOptions, CreateBuilder } from './builder-options.ts'
export type * from './contract.ts'
export type * from './host.ts'
