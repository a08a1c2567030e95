import type { Unchecked } from './contract.ts'
import type * as k8s from './generated/types.ts'
import { ageOf } from './value/duration.ts'

interface Named {
  metadata?: { name?: string | undefined; creationTimestamp?: string | null | undefined } | undefined
}

export const nameOf = (object: Named): string => object.metadata?.name ?? ''

/** AGE of an object: since its creation. */
export const ageCell = (object: Named, nowMs: number): string => ageOf(object.metadata?.creationTimestamp, nowMs)

type Containers = readonly Unchecked<k8s.Container>[] | undefined

/** CONTAINERS and IMAGES of a template. */
export function containerCells(containers: Containers): [names: string, images: string] {
  const list = containers ?? []
  return [list.map((c) => c.name ?? '').join(','), list.map((c) => c.image ?? '').join(',')]
}

/** `a=1,b=2` in the keys' order, `<none>` where there are none. */
export function formatLabels(labels: Readonly<Record<string, string | undefined>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort()
  if (keys.length === 0) return '<none>'
  return keys.map((key) => `${key}=${labels?.[key] ?? ''}`).join(',')
}

/** Booleans that are set, as `True` and `False`. */
export const booleanCell = (value: boolean | undefined): string =>
  value === undefined ? '<unset>' : value ? 'True' : 'False'

/** Addresses of a load balancer, each once, in order. */
export function loadBalancerCell(
  ingress: readonly { ip?: string | undefined; hostname?: string | undefined }[] | undefined,
): string {
  const found = new Set<string>()
  for (const { ip, hostname } of ingress ?? []) {
    if (ip) found.add(ip)
    else if (hostname) found.add(hostname)
  }
  return [...found].sort().join(',')
}

const accessModes = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'] as const
const shortModes = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }

/** `RWO,ROX`, each once. */
export const accessModesCell = (modes: readonly string[] | undefined): string =>
  accessModes
    .filter((mode) => modes?.includes(mode))
    .map((mode) => shortModes[mode])
    .join(',')
