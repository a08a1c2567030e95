import { nameOf } from '../../cells.ts'
import { column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { addressName, validateAddress, validateAddressUpdate } from './address-validation.ts'

export const ipAddress = defineKind<k8s.IPAddress>({
  name: addressName,
  validate: validateAddress,
  validateUpdate: validateAddressUpdate,
  printer: {
    columns: [nameColumn, column('ParentRef', 'What has the address.')],
    cells(address) {
      const parent = address.spec?.parentRef
      if (!parent) return [nameOf(address), '<none>']
      const resource = `${parent.resource ?? ''}${parent.group ? `.${parent.group}` : ''}`.toLowerCase()
      return [nameOf(address), [resource, ...(parent.namespace ? [parent.namespace] : []), parent.name ?? ''].join('/')]
    },
  },
})
