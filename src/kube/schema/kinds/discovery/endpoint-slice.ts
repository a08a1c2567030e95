import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateSlice, validateSliceUpdate } from './endpoint-validation.ts'

type Slice = Unchecked<k8s.EndpointSlice>

export const endpointSlice = defineKind<k8s.EndpointSlice>({
  validate: validateSlice,
  validateUpdate: validateSliceUpdate,
  allowUnconditionalUpdate: true,
  generation: ['endpoints', 'ports', 'addressType', 'metadata.labels'],
  defaults(slice) {
    for (const port of slice.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  printer: {
    columns: [
      nameColumn,
      column('AddressType', 'IPv4, IPv6 or names.'),
      column('Ports', 'Ports of the endpoints.'),
      column('Endpoints', 'Addresses.'),
      ageColumn,
    ],
    cells: (slice, nowMs) => [
      nameOf(slice),
      slice.addressType ?? '',
      portsOf(slice),
      endpointsOf(slice),
      ageCell(slice, nowMs),
    ],
  },
})

const shown = 3

function limited(list: readonly string[], empty: string): string {
  if (list.length === 0) return empty
  const text = list.slice(0, shown).join(',')
  return list.length > shown ? `${text} + ${list.length - shown} more...` : text
}

const portsOf = ({ ports }: Slice): string =>
  limited(
    (ports ?? []).map(({ name, port }) => (port === undefined ? (name ?? '*') : String(port))),
    '<unset>',
  )

const endpointsOf = ({ endpoints }: Slice): string =>
  limited(
    (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
    '<unset>',
  )
