import { parseApiVersion } from '../../catalog.ts'
import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateControllerRevision, validateControllerRevisionUpdate } from './apps-validation.ts'

export const controllerRevision = defineKind<k8s.ControllerRevision>({
  validate: validateControllerRevision,
  validateUpdate: validateControllerRevisionUpdate,
  printer: {
    columns: [
      nameColumn,
      column('Controller', 'What the revision is of.'),
      column('Revision', 'Number of the revision.'),
      ageColumn,
    ],
    cells(revision, nowMs) {
      const owner = revision.metadata?.ownerReferences?.find((reference) => reference.controller)
      const { group } = parseApiVersion(owner?.apiVersion ?? '')
      const kind = `${owner?.kind ?? ''}${group ? `.${group}` : ''}`.toLowerCase()
      return [
        nameOf(revision),
        owner ? `${kind}/${owner.name ?? ''}` : '<none>',
        revision.revision ?? 0,
        ageCell(revision, nowMs),
      ]
    },
  },
})
