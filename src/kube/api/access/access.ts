import type {
  AdmissionRequest,
  ApiDependencies,
  Authenticate,
  Authorize,
  Decision,
  Fallback,
  VirtualCreate,
} from '../contract.ts'
import { authenticateRequest, impersonate } from './authenticate.ts'
import { checkEscalation } from './escalation.ts'
import { issuerDocument } from './issuer-documents.ts'
import { LiveObjects } from './live-objects.ts'
import { NodeAuthorizer } from './node-authorizer.ts'
import { Rbac } from './rbac.ts'
import { reconcileRoles } from './reconcile-roles.ts'
import { reviews } from './reviews.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import { tokenKeysOf } from './token-keys.ts'
import { tokenRequest } from './token-request.ts'

export interface AccessOptions extends Pick<ApiDependencies, 'store' | 'clock' | 'random' | 'log'> {
  /** Signs service account tokens: PKCS 8 in PEM, P-256 or RSA. */
  readonly signingKeyPem: string
  /** What tokens say of who made them. */
  readonly issuer?: string
}

/** Who asks and what they may: plugs into `createApi`. */
export interface Access extends Disposable {
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly virtual: Readonly<Record<string, VirtualCreate>>
  readonly fallback: Fallback
  /** Refuses roles and bindings that give away more than their writer has. */
  checkEscalation(request: AdmissionRequest): Promise<void>
}

const allowed: Decision = { allowed: true }
const group = 'rbac.authorization.k8s.io'

/** Resolves once the default roles and bindings are there. */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { store, clock, random, log, issuer = 'https://kubernetes.default.svc.cluster.local' } = options
  const live = (plural: string) => LiveObjects.open(store, `/registry/${group}/${plural}/`, log)
  const [keys, clusterroles, clusterrolebindings, roles, rolebindings] = await Promise.all([
    tokenKeysOf(options.signingKeyPem),
    live('clusterroles'),
    live('clusterrolebindings'),
    live('roles'),
    live('rolebindings'),
  ])
  const objects = { clusterroles, clusterrolebindings, roles, rolebindings }
  await reconcileRoles(objects, { store, clock, random })
  const rbac = new Rbac(objects)
  const nodes = new NodeAuthorizer(store)
  const tokens = new ServiceAccountTokens(keys, issuer, [issuer], store, clock)

  const authorize: Authorize = (attributes) => {
    const { groups } = attributes.user
    if (groups.includes('system:masters')) return allowed
    if (!groups.includes('system:nodes')) return rbac.authorize(attributes)
    return byNodeOrRole(attributes)
  }
  const byNodeOrRole = async (attributes: Parameters<Authorize>[0]): Promise<Decision> => {
    const first = await nodes.authorize(attributes)
    if (first.allowed) return first
    const second = rbac.authorize(attributes)
    if (second.allowed) return second
    const reason = [first.reason, second.reason].filter(Boolean).join(', ')
    return { allowed: false, ...(reason === '' ? {} : { reason }) }
  }

  return {
    async authenticate(request) {
      const user = await authenticateRequest(request, tokens)
      return user && impersonate(request, user, authorize)
    },
    authorize,
    virtual: {
      ...reviews(authorize, rbac, tokens),
      '/serviceaccounts/token': tokenRequest(tokens, { clock, random }, store),
    },
    fallback: (request) => issuerDocument(request, issuer, keys),
    checkEscalation: (request) => checkEscalation(rbac, authorize, request),
    [Symbol.dispose]() {
      for (const one of Object.values(objects)) one[Symbol.dispose]()
    },
  }
}
