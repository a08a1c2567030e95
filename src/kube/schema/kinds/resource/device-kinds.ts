import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { nameAgePrinter } from '../../name-age-printer.ts'
import { defineKind } from '../../rules.ts'

export const deviceClass = defineKind<k8s.DeviceClass>({ generation: ['spec'], printer: nameAgePrinter() })

export const resourceClaim = defineKind<k8s.ResourceV1ResourceClaim>({
  defaults: ({ spec }) => defaultClaim(spec),
  printer: {
    columns: [nameColumn, column('State', 'Whether devices are found and somebody uses them.'), ageColumn],
    cells(claim, nowMs) {
      const states: string[] = []
      if (claim.metadata?.deletionTimestamp) states.push('deleted')
      if (claim.status?.allocation) {
        states.push('allocated')
        if ((claim.status.reservedFor?.length ?? 0) > 0) states.push('reserved')
      } else if (states.length === 0) states.push('pending')
      return [nameOf(claim), states.join(','), ageCell(claim, nowMs)]
    },
  },
})

export const resourceClaimTemplate = defineKind<k8s.ResourceClaimTemplate>({
  defaults: ({ spec }) => defaultClaim(spec?.spec),
  printer: nameAgePrinter(),
})

export const resourceSlice = defineKind<k8s.ResourceSlice>({
  generation: ['spec'],
  printer: {
    columns: [
      nameColumn,
      column('Node', 'The node that has the devices.'),
      column('Driver', 'The driver that knows them.'),
      column('Pool', 'The pool that they are in.'),
      ageColumn,
    ],
    cells: (slice, nowMs) => [
      nameOf(slice),
      slice.spec?.nodeName ?? '',
      slice.spec?.driver ?? '',
      slice.spec?.pool?.name ?? '',
      ageCell(slice, nowMs),
    ],
  },
  fields: {
    supported: ['spec.nodeName', 'spec.driver'],
    refusal: 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: %s',
    of: ({ spec }) => ({ 'spec.nodeName': spec?.nodeName ?? '', 'spec.driver': spec?.driver ?? '' }),
  },
})

function defaultClaim(spec: Unchecked<k8s.ResourceClaimSpec> | undefined): void {
  for (const request of spec?.devices?.requests ?? []) {
    for (const wanted of [request.exactly, ...(request.firstAvailable ?? [])]) {
      if (!wanted) continue
      wanted.allocationMode ||= 'ExactCount'
      if (wanted.allocationMode === 'ExactCount') wanted.count ||= 1
      for (const toleration of wanted.tolerations ?? []) toleration.operator ||= 'Equal'
    }
  }
}
