import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where the engine keeps what. */
export interface Folders {
  readonly state: string
  /** One `<id>.json` per container. */
  readonly containerRecords: string
  /** One folder per container: hosts, hostname, resolv.conf, log. */
  readonly containers: string
  /** Writable layers: `<id>/upper`, `<id>/work`. */
  readonly layers: string
  readonly volumes: string
  readonly volumeRecords: string
  readonly networkRecords: string
  readonly images: string
  readonly build: string
  /** What is on its way out, deleted when there is time. */
  readonly trash: string
  /** Lowest-priority parts of every root: mount points that the engine needs. */
  readonly initLayer: string
  /** On the runtime's file system: mounted roots, bundles. */
  readonly roots: string
  readonly bundles: string
  readonly mounts: string
}

export function makeFolders(stateDir: string, runtimeDir: string): Folders {
  const state = stateDir
  const folders: Folders = {
    state,
    containerRecords: join(state, 'containers'),
    containers: join(state, 'container-files'),
    layers: join(state, 'layers'),
    volumes: join(state, 'volumes'),
    volumeRecords: join(state, 'volume-records'),
    networkRecords: join(state, 'networks'),
    images: join(state, 'images'),
    build: join(state, 'build'),
    trash: join(state, 'trash'),
    initLayer: join(state, 'init-layer'),
    roots: join(runtimeDir, 'roots'),
    bundles: join(runtimeDir, 'bundles'),
    mounts: join(runtimeDir, 'mounts'),
  }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o711 })
  return folders
}
