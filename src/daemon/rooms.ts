import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { createBuilder, type Engine, openEngine } from '../engine/index.ts'
import { type Linux, openLinux } from '../linux/index.ts'
import { openContent } from '../oci/index.ts'
import { type Library, openImageTransfer, openLibrary, openRegistry, type Registry } from '../registry/index.ts'
import type { Configuration } from './configuration.ts'

/** The rooms below the public protocols, open. Disposing closes them in the reverse order; containers run on. */
export interface Rooms extends AsyncDisposable {
  linux: Linux
  library: Library
  registry: Registry
  engine: Engine
}

export async function openRooms(configuration: Configuration, log: Logger): Promise<Rooms> {
  const { instance } = configuration
  await mkdir(instance.runtimeDir, { recursive: true, mode: 0o711 })
  await mkdir(instance.libraryDir, { recursive: true })
  await using opened = new AsyncDisposableStack()
  const [linux, content] = await Promise.all([
    openLinux({ runtimeDir: instance.runtimeDir, instance: instance.id, log: log.child({ room: 'linux' }) }),
    openContent({ folder: instance.contentDir, log: log.child({ room: 'oci' }) }),
  ])
  opened.use(linux)
  opened.use(content)
  const library = opened.use(
    await openLibrary({
      dir: instance.libraryDir,
      log: log.child({ room: 'library' }),
      ...(configuration.debianArchive === undefined ? {} : { archive: configuration.debianArchive }),
    }),
  )
  const transfer = opened.use(
    openImageTransfer({
      content,
      library,
      log: log.child({ room: 'registry-client' }),
      configuration: {
        mirrors: configuration.registryMirrors,
        insecureRegistries: configuration.insecureRegistries,
      },
    }),
  )
  const registry = opened.use(
    await openRegistry({ dir: join(instance.stateDir, 'registry'), content, log: log.child({ room: 'registry' }) }),
  )
  const engine = opened.use(
    await openEngine({
      stateDir: join(instance.stateDir, 'engine'),
      runtimeDir: instance.runtimeDir,
      instanceId: instance.id,
      linux,
      content,
      transfer,
      createBuilder,
      log: log.child({ room: 'engine' }),
    }),
  )
  const rooms = opened.move()
  return { linux, library, registry, engine, [Symbol.asyncDispose]: () => rooms.disposeAsync() }
}
