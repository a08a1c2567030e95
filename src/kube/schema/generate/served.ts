/**
 * What the OpenAPI description does not carry: which versions Kubernetes 1.36 serves by default (beta and alpha ones
 * are off), in which order discovery lists the groups, where objects are stored, and the names that only the
 * resources' registries know.
 */

/** Served group versions, in the order in which `kubectl api-versions` meets the groups; versions by preference. */
export const servedGroups: readonly (readonly [group: string, ...versions: string[]])[] = [
  ['', 'v1'],
  ['apiregistration.k8s.io', 'v1'],
  ['apps', 'v1'],
  ['events.k8s.io', 'v1'],
  ['authentication.k8s.io', 'v1'],
  ['authorization.k8s.io', 'v1'],
  ['autoscaling', 'v2', 'v1'],
  ['batch', 'v1'],
  ['certificates.k8s.io', 'v1'],
  ['networking.k8s.io', 'v1'],
  ['policy', 'v1'],
  ['rbac.authorization.k8s.io', 'v1'],
  ['storage.k8s.io', 'v1'],
  ['admissionregistration.k8s.io', 'v1'],
  ['apiextensions.k8s.io', 'v1'],
  ['scheduling.k8s.io', 'v1'],
  ['coordination.k8s.io', 'v1'],
  ['node.k8s.io', 'v1'],
  ['discovery.k8s.io', 'v1'],
  ['resource.k8s.io', 'v1'],
  ['flowcontrol.apiserver.k8s.io', 'v1'],
]

/** Resources whose objects live under another group or version than the one they are served in. */
export const storedElsewhere: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  'autoscaling/v1/horizontalpodautoscalers': { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
  'events.k8s.io/v1/events': { group: '', version: 'v1', kind: 'Event' },
}

export const shortNames: Readonly<Record<string, readonly string[]>> = {
  certificatesigningrequests: ['csr'],
  priorityclasses: ['pc'],
  networkpolicies: ['netpol'],
  ipaddresses: ['ip'],
  ingresses: ['ing'],
  poddisruptionbudgets: ['pdb'],
  storageclasses: ['sc'],
  volumeattributesclasses: ['vac'],
  horizontalpodautoscalers: ['hpa'],
  daemonsets: ['ds'],
  statefulsets: ['sts'],
  deployments: ['deploy'],
  replicasets: ['rs'],
  cronjobs: ['cj'],
  nodes: ['no'],
  resourcequotas: ['quota'],
  limitranges: ['limits'],
  persistentvolumes: ['pv'],
  serviceaccounts: ['sa'],
  events: ['ev'],
  persistentvolumeclaims: ['pvc'],
  namespaces: ['ns'],
  pods: ['po'],
  services: ['svc'],
  endpoints: ['ep'],
  componentstatuses: ['cs'],
  replicationcontrollers: ['rc'],
  configmaps: ['cm'],
  customresourcedefinitions: ['crd', 'crds'],
}

export const categories: Readonly<Record<string, readonly string[]>> = {
  horizontalpodautoscalers: ['all'],
  daemonsets: ['all'],
  statefulsets: ['all'],
  deployments: ['all'],
  replicasets: ['all'],
  jobs: ['all'],
  cronjobs: ['all'],
  pods: ['all'],
  services: ['all'],
  replicationcontrollers: ['all'],
  validatingadmissionpolicies: ['api-extensions'],
  mutatingadmissionpolicies: ['api-extensions'],
  validatingadmissionpolicybindings: ['api-extensions'],
  mutatingadmissionpolicybindings: ['api-extensions'],
  mutatingwebhookconfigurations: ['api-extensions'],
  validatingwebhookconfigurations: ['api-extensions'],
  customresourcedefinitions: ['api-extensions'],
  apiservices: ['api-extensions'],
}
