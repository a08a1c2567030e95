import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateAttachment, validateAttachmentUpdate } from './storage-validation.ts'

export const volumeAttachment = defineKind<k8s.VolumeAttachment>({
  validate: validateAttachment,
  validateUpdate: validateAttachmentUpdate,
  allowUnconditionalUpdate: false,
  printer: {
    columns: [
      nameColumn,
      { ...column('Attacher', 'Who attaches it.'), format: 'name' },
      column('PV', 'The volume.'),
      column('Node', 'The node.'),
      column('Attached', 'Whether it is attached.', 0, 'boolean'),
      ageColumn,
    ],
    cells: (attachment, nowMs) => [
      nameOf(attachment),
      attachment.spec?.attacher ?? '',
      attachment.spec?.source?.persistentVolumeName ?? '',
      attachment.spec?.nodeName ?? '',
      attachment.status?.attached ?? false,
      ageCell(attachment, nowMs),
    ],
  },
})
