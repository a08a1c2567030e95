import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { at, goQuote, invalid, notSupported, required } from '../../validation/field-error.ts'
import { dns1035Label, dns1123Subdomain, pathSegmentName, portNumber } from '../../validation/names.ts'
import { base64Length } from '../../value/base64.ts'

type Service = Unchecked<k8s.APIService>

export const apiService = defineKind<k8s.APIService>({
  name: pathSegmentName,
  allowUnconditionalUpdate: false,
  defaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443
  },
  prepareForCreate(service, { nowMs }) {
    service.status = {}
    if (service.spec?.service) return
    service.status.conditions = [
      {
        type: 'Available',
        status: 'True',
        reason: 'Local',
        message: 'Local APIServices are always available',
        lastTransitionTime: new Date(nowMs).toISOString().replace(/\.\d+/, ''),
      },
    ]
  },
  validate: validateApiService,
  printer: {
    columns: [
      nameColumn,
      column('Service', 'The reference to the service that hosts this API endpoint.'),
      column('Available', 'Whether this service is available.'),
      ageColumn,
    ],
    cells(service, nowMs) {
      const target = service.spec?.service
      const available = service.status?.conditions?.find((condition) => condition.type === 'Available')
      const status = available?.status ?? 'Unknown'
      return [
        nameOf(service),
        target ? `${target.namespace ?? ''}/${target.name ?? ''}` : 'Local',
        available && status !== 'True' && available.reason ? `${status} (${available.reason})` : status,
        ageCell(service, nowMs),
      ]
    },
  },
  subresources: {
    status: {
      prepareForUpdate(service, old) {
        service.spec = old.spec
        const { labels, annotations, finalizers, ownerReferences } = old.metadata ?? {}
        Object.assign(service.metadata ?? {}, { labels, annotations, finalizers, ownerReferences })
      },
      validateUpdate: ({ status }) =>
        (status?.conditions ?? []).flatMap((condition, i) =>
          ['True', 'False', 'Unknown'].includes(condition.status ?? '')
            ? []
            : [
                notSupported(`${at('status.conditions', i)}.status`, condition.status ?? '', [
                  'True',
                  'False',
                  'Unknown',
                ]),
              ],
        ),
    },
  },
})

function validateApiService({ metadata, spec }: Service): FieldError[] {
  const errors: FieldError[] = []
  const { version = '', group = '', service } = spec ?? {}
  const wanted = `${version}.${group}`
  if (metadata?.name && pathSegmentName(metadata.name).length === 0 && metadata.name !== wanted) {
    errors.push(invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${goQuote(wanted)}`))
  }
  if (group === '' && version !== 'v1') {
    errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'))
  }
  if (group !== '') for (const message of dns1123Subdomain(group)) errors.push(invalid('spec.group', group, message))
  for (const message of dns1035Label(version)) errors.push(invalid('spec.version', version, message))
  const minimum = spec?.groupPriorityMinimum ?? 0
  if (minimum <= 0 || minimum > 20000) {
    errors.push(invalid('spec.groupPriorityMinimum', minimum, 'must be positive and less than 20000'))
  }
  const priority = spec?.versionPriority ?? 0
  if (priority <= 0 || priority > 1000) {
    errors.push(invalid('spec.versionPriority', priority, 'must be positive and less than 1000'))
  }
  const insecure = spec?.insecureSkipTLSVerify ?? false
  if (!service) {
    if (spec?.caBundle) {
      const bytes = `${base64Length(spec.caBundle)} bytes`
      errors.push(invalid('spec.caBundle', bytes, 'local APIServices may not have a caBundle'))
    }
    if (insecure) {
      errors.push(
        invalid('spec.insecureSkipTLSVerify', insecure, 'local APIServices may not have insecureSkipTLSVerify'),
      )
    }
    return errors
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'))
  if (!service.name) errors.push(required('spec.service.name'))
  const port = service.port ?? 0
  const wrong = portNumber(port)
  if (wrong.length > 0) errors.push(invalid('spec.service.port', port, `port is not valid: ${wrong.join(', ')}`))
  if (insecure && spec?.caBundle) {
    errors.push(invalid('spec.insecureSkipTLSVerify', insecure, 'may not be true if caBundle is present'))
  }
  return errors
}
