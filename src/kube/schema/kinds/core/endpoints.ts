import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateEndpoints, validateEndpointsUpdate } from '../discovery/endpoint-validation.ts'

export const endpoints = defineKind<k8s.Endpoints>({
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  validate: validateEndpoints,
  validateUpdate: validateEndpointsUpdate,
  allowCreateOnUpdate: true,
  defaults(endpoints) {
    for (const subset of endpoints.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP'
  },
  printer: {
    columns: [nameColumn, column('Endpoints', 'Addresses and ports.'), ageColumn],
    cells: (endpoints, nowMs) => [nameOf(endpoints), listOf(endpoints), ageCell(endpoints, nowMs)],
  },
})

const shown = 3

function listOf({ subsets }: Unchecked<k8s.Endpoints>): string {
  if (!subsets || subsets.length === 0) return '<none>'
  const list: string[] = []
  let count = 0
  for (const { ports, addresses } of subsets) {
    if (!ports || ports.length === 0) {
      // headless services need no ports
      for (const { ip } of addresses ?? []) {
        if (list.length < shown) list.push(ip ?? '')
        count++
      }
      continue
    }
    for (const { port } of ports) {
      for (const { ip } of addresses ?? []) {
        if (list.length < shown) list.push(ip?.includes(':') ? `[${ip}]:${port ?? 0}` : `${ip ?? ''}:${port ?? 0}`)
        count++
      }
    }
  }
  return count > shown ? `${list.join(',')} + ${count - shown} more...` : list.join(',')
}
