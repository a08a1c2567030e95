import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateNode, validateNodeUpdate } from './node-validation.ts'
import { roundUp } from './pod-spec-defaults.ts'

type Node = Unchecked<k8s.Node>

const rolePrefix = 'node-role.kubernetes.io/'

export const node = defineKind<k8s.Node>({
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  subresources: { status: { validateUpdate: validateNodeUpdate } },
  defaults(node) {
    const { status } = node
    if (!status) return
    roundUp(status.capacity)
    roundUp(status.allocatable)
    if (!status.allocatable && status.capacity) status.allocatable = { ...status.capacity }
  },
  // nodes say how they are when they come in
  prepareForCreate(node, _context) {
    node.status ??= {}
  },
  allowCreateOnUpdate: false,
  printer: {
    columns: [
      nameColumn,
      column('Status', 'Whether the node is ready, and whether new pods may come.'),
      column('Roles', 'What the node is for, from its labels.'),
      ageColumn,
      column('Version', 'Version of the kubelet.'),
      column('Internal-IP', 'Address inside of the cluster.', 1),
      column('External-IP', 'Address outside of the cluster.', 1),
      column('OS-Image', 'Operating system.', 1),
      column('Kernel-Version', 'Version of the kernel.', 1),
      column('Container-Runtime', 'What runs the containers.', 1),
    ],
    cells: (node, nowMs) => {
      const info = node.status?.nodeInfo
      const kernel = info?.kernelVersion || '<unknown>'
      return [
        nameOf(node),
        statusOf(node),
        rolesOf(node),
        ageCell(node, nowMs),
        info?.kubeletVersion ?? '',
        addressOf(node, 'InternalIP'),
        addressOf(node, 'ExternalIP'),
        info?.osImage || '<unknown>',
        info?.architecture ? `${kernel} (${info.architecture})` : kernel,
        info?.containerRuntimeVersion || '<unknown>',
      ]
    },
  },
  fields: {
    supported: ['spec.unschedulable'],
    of: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
  },
})

function statusOf({ spec, status }: Node): string {
  const ready = status?.conditions?.findLast((condition) => condition.type === 'Ready')
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown']
  if (spec?.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

function rolesOf({ metadata }: Node): string {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(metadata?.labels ?? {})) {
    if (key.startsWith(rolePrefix)) {
      if (key.length > rolePrefix.length) roles.add(key.slice(rolePrefix.length))
    } else if (key === 'kubernetes.io/role' && value) roles.add(value)
  }
  return roles.size > 0 ? [...roles].sort().join(',') : '<none>'
}

const addressOf = ({ status }: Node, type: string): string =>
  status?.addresses?.find((address) => address.type === type)?.address ?? '<none>'
