import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { humanDuration } from '../../value/duration.ts'
import { validateRequest, validateRequestUpdate } from './certificate-signing-request-validation.ts'

type Request = Unchecked<k8s.CertificateSigningRequest>
type Condition = Unchecked<k8s.CertificateSigningRequestCondition>

export const certificateSigningRequest = defineKind<k8s.CertificateSigningRequest>({
  name: () => [],
  prepareForCreate(request, { user }) {
    request.spec ??= {}
    const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = request.spec
    request.spec = spec
    if (user) {
      request.spec.username = user.name
      if (user.uid) request.spec.uid = user.uid
      if (user.groups) request.spec.groups = [...user.groups]
      if (user.extra && Object.keys(user.extra).length > 0) request.spec.extra = { ...user.extra }
    }
    request.status = {}
  },
  prepareForUpdate(request, old) {
    request.spec = old.spec
    request.status = old.status
  },
  validate: validateRequest,
  validateUpdate: (request, old) => validateRequestUpdate(request, old, {}),
  printer: {
    columns: [
      nameColumn,
      ageColumn,
      column('SignerName', 'Who is to sign.'),
      column('Requestor', 'Who asks.'),
      column('RequestedDuration', 'How long the certificate is to be valid.'),
      column('Condition', 'What became of the request.'),
    ],
    cells: (request, nowMs) => [
      nameOf(request),
      ageCell(request, nowMs),
      request.spec?.signerName || '<none>',
      request.spec?.username ?? '',
      request.spec?.expirationSeconds === undefined ? '<none>' : humanDuration(request.spec.expirationSeconds * 1000),
      conditionCell(request),
    ],
  },
  fields: { supported: ['spec.signerName'], of: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }) },
  subresources: {
    status: {
      prepareForUpdate(request, old, { nowMs }) {
        request.spec = old.spec
        request.status ??= {}
        for (const type of ['Approved', 'Denied']) keepConditions(request, old, type)
        fillTimes(request, old, nowMs)
      },
      validateUpdate: (request, old) => validateRequestUpdate(request, old, { maySetCertificate: true }),
    },
    approval: {
      prepareForUpdate(request, old, { nowMs }) {
        fillTimes(request, old, nowMs)
        request.spec = old.spec
        const conditions = request.status?.conditions
        request.status = { ...old.status }
        if (conditions) request.status.conditions = conditions
        else delete request.status.conditions
      },
      validateUpdate: (request, old) => validateRequestUpdate(request, old, { mayDecide: true }),
    },
  },
})

function conditionCell({ status }: Request): string {
  const has = (type: string) => status?.conditions?.some((condition) => condition.type === type)
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending']
  if (has('Failed')) words.push('Failed')
  if (status?.certificate) words.push('Issued')
  return words.join(',')
}

/** Approved and Denied are not for /status to change: what a client left out or touched is put back. */
function keepConditions(request: Request, old: Request, type: string): void {
  const conditions = request.status?.conditions ?? []
  const before = (old.status?.conditions ?? []).filter((condition) => condition.type === type)
  const now = conditions.filter((condition) => condition.type === type)
  if (now.length !== before.length || !request.status) return
  let next = 0
  request.status.conditions = conditions.map((condition) =>
    condition.type === type ? (before[next++] ?? condition) : condition,
  )
}

function fillTimes(request: Request, old: Request, nowMs: number): void {
  const now = new Date(nowMs).toISOString().replace(/\.\d+/, '')
  for (const condition of request.status?.conditions ?? []) {
    condition.lastUpdateTime ??= now
    if (condition.lastTransitionTime) continue
    const before = (old.status?.conditions ?? []).find((c: Condition) => c.type === condition.type)
    condition.lastTransitionTime =
      before && before.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : now
  }
}
