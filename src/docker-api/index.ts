/**
 * The Docker Engine API 1.56 (down to 1.24) over HTTP: one file per section of its reference in `sections/`. It calls
 * the engine and keeps no state.
 */

export type { DockerApi, DockerApiOptions, Log } from './contract.ts'
export { createDockerApi } from './docker-api.ts'
