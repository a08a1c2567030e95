import { invalid } from '../engine-error.ts'
import type { MountRequest } from '../shapes/index.ts'
import { propagationModes, validateMount } from './mount-request.ts'

export interface BindSpec {
  mount: MountRequest
  /** As the user wrote it. */
  mode: string
}

const kinds: Record<string, string> = {
  ro: 'rw',
  rw: 'rw',
  z: 'label',
  Z: 'label',
  nocopy: 'copy',
  consistent: 'consistency',
  cached: 'consistency',
  delegated: 'consistency',
}

function validMode(mode: string): boolean {
  if (mode === '') return true
  const seen = new Set<string>()
  for (const option of mode.split(',')) {
    const kind = propagationModes.has(option) ? 'propagation' : kinds[option]
    if (kind === undefined || seen.has(kind)) return false
    seen.add(kind)
  }
  return true
}

/** `source:target[:mode]`, `-v` and `HostConfig.Binds`. @throws Docker's `invalid volume specification: …` */
export function parseBind(raw: string, volumeDriver = ''): BindSpec {
  const parts = raw.split(':')
  const [first = '', second, third] = parts
  if (first === '' || parts.length > 3) throw invalidSpec(raw)
  let mode = ''
  let source = ''
  let target = first
  if (second !== undefined) {
    source = first
    target = second
    if (third === undefined && validMode(second)) throw invalidSpec(raw)
    mode = third ?? ''
  }
  if (!validMode(mode)) throw invalid(`invalid mode: ${mode}`)
  const options = mode.split(',')
  const type = source.startsWith('/') ? 'bind' : 'volume'
  const propagation = options.find((option) => propagationModes.has(option))
  const mount: MountRequest = { Type: type, Source: source, Target: target, ReadOnly: options.includes('ro') }
  const noCopy = options.includes('nocopy')
  if (type === 'volume' && (volumeDriver || noCopy)) {
    mount.VolumeOptions = {
      ...(volumeDriver && { DriverConfig: { Name: volumeDriver } }),
      ...(noCopy && { NoCopy: true }),
    }
  } else if (noCopy) mount.VolumeOptions = { NoCopy: true }
  if (propagation) mount.BindOptions = { Propagation: propagation }
  try {
    validateMount(mount, { sourceMustExist: false })
  } catch (error) {
    throw invalid(`invalid volume specification: '${raw}': ${(error as Error).message}`, { cause: error })
  }
  return { mount, mode }
}

/** `container[:mode]` of `--volumes-from`. */
export function parseVolumesFrom(spec: string): { container: string; mode: string } {
  if (spec === '') throw invalid('volumes-from specification cannot be an empty string')
  const at = spec.indexOf(':')
  const container = at < 0 ? spec : spec.slice(0, at)
  const mode = at < 0 ? '' : spec.slice(at + 1)
  if (mode === '') return { container, mode: 'rw' }
  const forbidden = mode.split(',').some((option) => propagationModes.has(option) || option === 'nocopy')
  if (!validMode(mode) || forbidden) throw invalid(`invalid mode: ${mode}`)
  return { container, mode }
}

const invalidSpec = (raw: string) => invalid(`invalid volume specification: '${raw}'`)
