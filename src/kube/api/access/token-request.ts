import { invalid as invalidField, type JsonObject, type KubeObject } from '../../schema/index.ts'
import type { Store } from '../../store/index.ts'
import type { ApiDependencies, VirtualCreate } from '../contract.ts'
import { badRequest, conflict, invalid, notFound } from '../errors.ts'
import { timeText } from '../managed-fields/field-manager.ts'
import { newUid } from '../object-meta.ts'
import { decodeObject } from '../stored-object.ts'
import type { BoundObject, ServiceAccountTokens } from './service-account-tokens.ts'

interface TokenSpec {
  audiences?: string[]
  expirationSeconds?: number
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string }
}

const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' }
const asResource = { group: kind.group, resource: kind.kind }

/** Asked by kubelets for their pods' mounted tokens: meant to be renewed at that age, good for a year to be kind. */
const warnOnlySeconds = 3607
const extendedSeconds = 365 * 24 * 3600

/** Answers `POST …/serviceaccounts/<name>/token`. */
export function tokenRequest(
  tokens: ServiceAccountTokens,
  { clock, random }: Pick<ApiDependencies, 'clock' | 'random'>,
  store: Store,
): VirtualCreate {
  const get = async (key: string): Promise<KubeObject | undefined> => {
    const { entry } = await store.get(key)
    return entry && decodeObject(entry)
  }
  return async ({ namespace, name, object }) => {
    const { metadata, ...rest } = object as unknown as KubeObject
    const account = await get(`/registry/serviceaccounts/${namespace}/${name}`)
    if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, name)
    checkIdentity(metadata, namespace, name, account)
    const asked = (rest.spec ?? {}) as TokenSpec
    const spec: TokenSpec = {
      ...asked,
      audiences: asked.audiences && asked.audiences.length > 0 ? asked.audiences : [...tokens.audiences],
      expirationSeconds: asked.expirationSeconds ?? 3600,
    }
    const seconds = spec.expirationSeconds ?? 0
    checkExpiration(seconds)
    const bound = await bind(get, spec, namespace, name)
    const isExtended =
      bound.pod !== undefined &&
      seconds === warnOnlySeconds &&
      (spec.audiences ?? []).every((audience) => tokens.audiences.includes(audience))
    const nowMs = clock.nowMs()
    const token = await tokens.issue({
      namespace,
      serviceaccount: { name, uid: account.metadata.uid ?? '' },
      ...bound,
      audiences: spec.audiences ?? [],
      expirationSeconds: isExtended ? extendedSeconds : seconds,
      ...(isExtended ? { warnAfterSeconds: seconds } : {}),
      id: newUid(random),
    })
    return {
      ...rest,
      metadata: { ...metadata, name, namespace, uid: account.metadata.uid, creationTimestamp: timeText(nowMs) },
      spec: { ...spec, boundObjectRef: spec.boundObjectRef ?? null },
      status: { token, expirationTimestamp: timeText(nowMs + seconds * 1000) },
    } as unknown as JsonObject
  }
}

function checkIdentity(said: KubeObject['metadata'], namespace: string, name: string, account: KubeObject): void {
  if (said.name && said.name !== name)
    throw invalid(kind, name, [
      invalidField('metadata.name', said.name, 'must match the service account name if specified'),
    ])
  if (said.namespace && said.namespace !== namespace)
    throw invalid(kind, name, [
      invalidField('metadata.namespace', said.namespace, 'must match the service account namespace if specified'),
    ])
  if (said.uid && said.uid !== account.metadata.uid)
    throw conflict(
      asResource,
      name,
      `the UID in the token request (${said.uid}) does not match the UID of the service account (${account.metadata.uid})`,
    )
}

function checkExpiration(seconds: number): void {
  const field = 'spec.expirationSeconds'
  if (seconds < 600)
    throw invalid(kind, '', [invalidField(field, seconds, 'may not specify a duration less than 10 minutes')])
  if (seconds > 2 ** 32)
    throw invalid(kind, '', [invalidField(field, seconds, 'may not specify a duration larger than 2^32 seconds')])
}

async function bind(
  get: (key: string) => Promise<KubeObject | undefined>,
  { boundObjectRef: ref }: TokenSpec,
  namespace: string,
  account: string,
): Promise<Partial<Record<'pod' | 'secret' | 'node', BoundObject>>> {
  if (!ref) return {}
  const { kind: what = '', apiVersion = '', name = '' } = ref
  const plural = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[what]
  if (plural === undefined || apiVersion !== 'v1') {
    const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${what}`)
  }
  const object = await get(`/registry/${plural}/${what === 'Node' ? '' : `${namespace}/`}${name}`)
  if (!object) throw notFound({ group: '', resource: plural }, name)
  const uid = object.metadata.uid ?? ''
  const spec = object.spec as { serviceAccountName?: string; nodeName?: string } | undefined
  if (what === 'Pod' && spec?.serviceAccountName !== account)
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    )
  if (ref.uid && ref.uid !== uid)
    throw conflict(
      { group: '', resource: what },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  if (what === 'Secret') return { secret: { name, uid } }
  if (what === 'Node') return { node: { name, uid } }
  if (!spec?.nodeName) return { pod: { name, uid } }
  const node = await get(`/registry/nodes/${spec.nodeName}`)
  return {
    pod: { name, uid },
    node: { name: spec.nodeName, ...(node?.metadata.uid ? { uid: node.metadata.uid } : {}) },
  }
}
