const lead = [
  'get,watch,list,create,update coordination.k8s.io leases',
  'get,watch,list,create,update coordination.k8s.io leasecandidates',
]
const recordEvents = 'create,patch,update core,events.k8s.io events'

/** The roles that live in namespaces, by `namespace name`: what they allow and who has them. */
export const namespaceRoles: Readonly<Record<string, readonly string[]>> = {
  'kube-system extension-apiserver-authentication-reader': [
    'get,list,watch core configmaps =extension-apiserver-authentication',
  ],
  'kube-system system:controller:bootstrap-signer': ['get,list,watch core secrets'],
  'kube-system system:controller:cloud-provider': ['create,get,list,watch core configmaps'],
  'kube-system system:controller:token-cleaner': ['get,list,watch,delete core secrets', recordEvents],
  'kube-system system::leader-locking-kube-controller-manager': lead,
  'kube-system system::leader-locking-kube-scheduler': lead,
  'kube-public system:controller:bootstrap-signer': [
    'get,list,watch core configmaps',
    'update core configmaps =cluster-info',
    recordEvents,
  ],
}

/** By `namespace name role`. */
export const namespaceRoleBindings: Readonly<Record<string, readonly string[]>> = {
  'kube-system system::extension-apiserver-authentication-reader extension-apiserver-authentication-reader': [
    'User system:kube-controller-manager',
    'User system:kube-scheduler',
  ],
  'kube-system system::leader-locking-kube-controller-manager system::leader-locking-kube-controller-manager': [
    'User system:kube-controller-manager',
    'ServiceAccount kube-system/kube-controller-manager',
  ],
  'kube-system system::leader-locking-kube-scheduler system::leader-locking-kube-scheduler': [
    'User system:kube-scheduler',
    'ServiceAccount kube-system/kube-scheduler',
  ],
  'kube-system system:controller:bootstrap-signer system:controller:bootstrap-signer': [
    'ServiceAccount kube-system/bootstrap-signer',
  ],
  'kube-system system:controller:cloud-provider system:controller:cloud-provider': [
    'ServiceAccount kube-system/cloud-provider',
  ],
  'kube-system system:controller:token-cleaner system:controller:token-cleaner': [
    'ServiceAccount kube-system/token-cleaner',
  ],
  'kube-public system:controller:bootstrap-signer system:controller:bootstrap-signer': [
    'ServiceAccount kube-system/bootstrap-signer',
  ],
}
