import type { Admission, AdmissionRequest } from './contract.ts'
import { forbidden, groupResourceText, notFound } from './errors.ts'
import { type Core, keyOf } from './request-context.ts'
import { StatusError } from './status-error.ts'
import { decodeObject } from './stored-object.ts'

const immortal = new Set(['default', 'kube-system', 'kube-public'])

/**
 * Nothing is created in a namespace that is not there or is being deleted, and the namespaces that a cluster stands on
 * are never deleted. Kubernetes has this as an admission plugin that is always on.
 */
export function withNamespaceLifecycle(core: () => Core, inner: Admission): Admission {
  return {
    async mutate(request) {
      if (request.operation === 'CREATE') await checkNamespace(core(), request)
      await inner.mutate(request)
    },
    validate(request) {
      if (request.operation === 'DELETE' && isNamespace(request) && immortal.has(request.name))
        throw forbidden(
          `namespaces "${request.name}" is forbidden: this namespace may not be deleted`,
          request.resource,
          request.name,
        )
      return inner.validate(request)
    },
  }
}

const isNamespace = ({ resource }: AdmissionRequest) => resource.group === '' && resource.resource === 'namespaces'

/** Reviews say something about a namespace and need none. */
const reviews = new Set(['localsubjectaccessreviews'])

async function checkNamespace(core: Core, request: AdmissionRequest): Promise<void> {
  const { namespace, resource, name } = request
  if (namespace === '' || isNamespace(request) || reviews.has(resource.resource)) return
  const namespaces = core.resources.find('', 'v1', 'namespaces')
  if (!namespaces) return
  const { entry } = await core.store.get(keyOf(namespaces, '', namespace))
  if (!entry) throw notFound({ group: '', resource: 'namespaces' }, namespace)
  const { metadata } = decodeObject(entry)
  if (metadata.deletionTimestamp === undefined) return
  const subject = groupResourceText({ group: resource.group, resource: resource.resource })
  throw new StatusError(
    403,
    'Forbidden',
    `${subject} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      ...(name === '' ? {} : { name }),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.resource,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  )
}
