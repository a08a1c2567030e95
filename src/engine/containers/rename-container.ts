import { type Core, containerEvent } from '../core/core.ts'
import { EngineError, invalid } from '../engine-error.ts'
import { dnsNamesOf } from '../networks/join-network.ts'
import { validName } from './container-store.ts'

/** `docker rename`. A running one is found under the new name at once. */
export async function renameContainer(core: Core, ref: string, asked: string): Promise<void> {
  const name = asked.replace(/^\//, '')
  if (ref.replace(/^\//, '') === '' || name === '') throw invalid('Neither old nor new names may be empty')
  const container = core.containers.get(ref)
  using _held = await container.mutex.lock()
  const { record } = container
  if (record.name === name) throw invalid('Renaming a container with the same name as its current name')
  try {
    if (!validName.test(name)) {
      throw invalid(`Invalid container name (${asked}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
    }
    core.containers.reserveName(name, record.id)
  } catch (error) {
    const kind = error instanceof EngineError ? error.kind : 'system'
    throw new EngineError(kind, `Error when allocating new name: ${(error as Error).message}`, { cause: error })
  }
  const before = record.name
  record.name = name
  try {
    for (const network of core.networks.all()) {
      const place = network.endpoints.get(record.id)
      if (!place) continue
      place.name = name
      const settings = record.endpoints[network.name]?.settings
      if (network.isUserDefined) place.dnsNames = dnsNamesOf(container, settings?.Aliases)
      if (network.isUserDefined && settings) settings.DNSNames = place.dnsNames
    }
    await core.containers.save(container)
  } catch (error) {
    record.name = before
    core.containers.releaseName(name, record.id)
    throw error
  }
  core.containers.releaseName(before, record.id)
  containerEvent(core, container, 'rename', { oldName: `/${before}` })
}
