import type { KubeObject } from '../../schema/index.ts'
import type { Store } from '../../store/index.ts'
import type { Attributes, Decision, UserInfo } from '../contract.ts'
import { decodeObject } from '../stored-object.ts'
import { clusterRoles } from './default-roles/cluster-roles.ts'
import { ruleOf } from './default-roles/rule-text.ts'
import { podReferences } from './pod-references.ts'
import type { PolicyRule } from './policy-rule.ts'
import { ruleAllows } from './rbac.ts'

const no = (reason: string): Decision => ({ allowed: false, reason })
const yes: Decision = { allowed: true }
const quiet: Decision = { allowed: false }

/** The node that a user is, where it is one; '' where it says that it is one but not which. */
export function nodeNameOf(user: UserInfo): string | undefined {
  const prefix = 'system:node:'
  if (!user.groups.includes('system:nodes') || !user.name.startsWith(prefix)) return undefined
  return user.name.slice(prefix.length)
}

let nodeRules: readonly PolicyRule[] | undefined

/** Lets a node read what its pods need, and write what is its own. */
export class NodeAuthorizer {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async authorize(attributes: Attributes): Promise<Decision> {
    const node = nodeNameOf(attributes.user)
    if (node === undefined) return quiet
    if (node === '') return no(`unknown node for user ${JSON.stringify(attributes.user.name)}`)
    const { apiGroup, resource } = attributes
    if (attributes.resourceRequest) {
      switch (apiGroup === '' ? resource : `${resource}.${apiGroup}`) {
        case 'secrets':
        case 'configmaps':
          return this.#read(node, attributes)
        case 'persistentvolumeclaims':
          return attributes.subresource === 'status'
            ? this.#updateStatus(node, attributes)
            : this.#get(node, attributes)
        case 'persistentvolumes':
        case 'volumeattachments.storage.k8s.io':
        case 'resourceclaims.resource.k8s.io':
          return this.#get(node, attributes)
        case 'serviceaccounts':
          return this.#serviceAccount(node, attributes)
        case 'leases.coordination.k8s.io':
          return lease(node, attributes)
        case 'csinodes.storage.k8s.io':
          return csiNode(node, attributes)
        case 'nodes':
          return ownNode(node, attributes)
        case 'pods':
          return this.#pod(node, attributes)
      }
    }
    nodeRules ??= clusterRoles['system:node']?.rules.map(ruleOf) ?? []
    return nodeRules.some((rule) => ruleAllows(rule, attributes)) ? yes : quiet
  }

  #get(node: string, attributes: Attributes): Decision | Promise<Decision> {
    if (attributes.verb !== 'get') return no('can only get individual resources of this type')
    if (attributes.subresource !== '') return no('cannot get subresource')
    return this.#related(node, attributes)
  }

  #read(node: string, attributes: Attributes): Decision | Promise<Decision> {
    const { verb, subresource, namespace } = attributes
    if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return no('can only read resources of this type')
    if (subresource !== '') return no('cannot read subresource')
    if (namespace === '') return no('can only read namespaced object of this type')
    return this.#related(node, attributes)
  }

  #updateStatus(node: string, attributes: Attributes): Decision | Promise<Decision> {
    if (attributes.verb !== 'update' && attributes.verb !== 'patch') return no('can only get/update/patch this type')
    return this.#related(node, attributes)
  }

  #serviceAccount(node: string, attributes: Attributes): Decision | Promise<Decision> {
    const { verb, subresource, name } = attributes
    if (verb === 'get' && subresource === '') return this.#read(node, attributes)
    if (verb !== 'create' || name === '') return no('can only create tokens for individual service accounts')
    if (subresource !== 'token') return no('can only create token subresource of serviceaccount')
    return this.#related(node, attributes)
  }

  async #pod(node: string, attributes: Attributes): Promise<Decision> {
    const { verb, subresource, namespace, name, fieldSelector } = attributes
    if (subresource === 'eviction' || (subresource === '' && verb === 'create')) return yes
    if (subresource === '' && (verb === 'list' || verb === 'watch'))
      return selectsNode(fieldSelector, 'spec.nodeName', node)
        ? yes
        : no('can only list/watch pods with spec.nodeName field selector')
    const writesStatus = subresource === 'status' && (verb === 'update' || verb === 'patch')
    if (!writesStatus && (subresource !== '' || (verb !== 'get' && verb !== 'delete')))
      return subresource === ''
        ? no('can only create, delete or get pods')
        : no('can only update status or create evictions of pods')
    const { entry } = await this.#store.get(`/registry/pods/${namespace}/${name}`)
    // What is not there is nobody's secret.
    if (!entry || isOn(decodeObject(entry), node)) return yes
    return no(noRelation(node))
  }

  /** A pod on the node refers to the object. */
  async #related(node: string, { apiGroup, resource, namespace, name }: Attributes): Promise<Decision> {
    if (name === '') return no('No Object name found')
    const prefix = namespace === '' ? '/registry/pods/' : `/registry/pods/${namespace}/`
    const { entries } = await this.#store.range({ prefix })
    const pods = entries.map(decodeObject).filter((pod) => isOn(pod, node))
    if (resource === 'volumeattachments') {
      const { entry } = await this.#store.get(`/registry/${apiGroup}/volumeattachments/${name}`)
      const spec = entry && (decodeObject(entry).spec as { nodeName?: string } | undefined)
      return spec?.nodeName === node ? yes : no(noRelation(node))
    }
    if (resource === 'persistentvolumes') {
      const { entry } = await this.#store.get(`/registry/persistentvolumes/${name}`)
      const claim = entry && (decodeObject(entry).spec as { claimRef?: { namespace?: string; name?: string } }).claimRef
      const uses = pods.some(
        (pod) =>
          pod.metadata.namespace === claim?.namespace &&
          podReferences(pod).some((one) => one.resource === 'persistentvolumeclaims' && one.name === claim?.name),
      )
      return claim && uses ? yes : no(noRelation(node))
    }
    const found = pods.some((pod) => podReferences(pod).some((one) => one.resource === resource && one.name === name))
    return found ? yes : no(noRelation(node))
  }
}

const noRelation = (node: string) => `no relationship found between node '${node}' and this object`

const isOn = ({ spec }: KubeObject, node: string): boolean =>
  (spec as { nodeName?: string } | undefined)?.nodeName === node

function selectsNode(selector: string | undefined, field: string, node: string): boolean {
  return (selector ?? '').split(',').some((term) => term === `${field}=${node}` || term === `${field}==${node}`)
}

function lease(node: string, { verb, namespace, name }: Attributes): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return no('can only get, create, update, patch, or delete a node lease')
  if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace')
  if (verb !== 'create' && name !== node)
    return no('can only access node lease with the same name as the requesting node')
  return yes
}

function csiNode(node: string, { verb, subresource, name }: Attributes): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return no('can only get, create, update, patch, or delete a CSINode')
  if (subresource !== '') return no('cannot authorize CSINode subresources')
  if (verb !== 'create' && name !== node) return no('can only access CSINode with the same name as the requesting node')
  return yes
}

function ownNode(node: string, { verb, subresource, name, fieldSelector }: Attributes): Decision {
  if (subresource !== '' && subresource !== 'status') return quiet
  if (verb === 'create' || verb === 'update' || verb === 'patch') return yes
  if (subresource !== '') return quiet
  if (verb === 'get') return name === node ? yes : no(`node '${node}' cannot read '${name}', only its own Node object`)
  if (verb === 'list' || verb === 'watch')
    return name === node || selectsNode(fieldSelector, 'metadata.name', node)
      ? yes
      : no(`node '${node}' cannot read all nodes, only its own Node object`)
  return quiet
}
