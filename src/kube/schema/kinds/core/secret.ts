import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { encodeBase64 } from '../../value/base64.ts'
import { validateSecret, validateSecretUpdate } from './data-validation.ts'

export const secret = defineKind<k8s.Secret>({
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  defaults(secret) {
    secret.type ||= 'Opaque'
    // stringData is for writing only: what it says goes into data
    if (secret.stringData) {
      secret.data ??= {}
      for (const key in secret.stringData) secret.data[key] = encodeBase64(secret.stringData[key] ?? '')
      delete secret.stringData
    }
  },
  printer: {
    columns: [
      nameColumn,
      column('Type', 'What the secret is for.'),
      column('Data', 'How many keys there are.'),
      ageColumn,
    ],
    cells: (secret, nowMs) => [
      nameOf(secret),
      secret.type ?? '',
      Object.keys(secret.data ?? {}).length,
      ageCell(secret, nowMs),
    ],
  },
  fields: { supported: ['type'], of: (secret) => ({ type: secret.type ?? '' }) },
})
