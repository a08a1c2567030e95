import type { HostConfig } from '../shapes/index.ts'

export type NetworkMode =
  | { kind: 'host' }
  | { kind: 'none' }
  | { kind: 'container'; ref: string }
  /** `name` is `bridge` for the default. */
  | { kind: 'network'; name: string }

export function networkMode(hostConfig: HostConfig): NetworkMode {
  const mode = hostConfig.NetworkMode ?? ''
  if (mode === 'host' || mode === 'none') return { kind: mode }
  if (mode.startsWith('container:')) return { kind: 'container', ref: mode.slice('container:'.length) }
  return { kind: 'network', name: mode === '' || mode === 'default' ? 'bridge' : mode }
}

export const predefined = new Set(['bridge', 'host', 'none', 'default'])
export const isUserDefined = (name: string) => !predefined.has(name) && !name.startsWith('container:')
