import type { SystemInfo } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'

const registryConfig = {
  InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
  IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true } },
  Mirrors: [],
}

const notInSwarm = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
}

/** GET /info: what the engine knows, and what belongs to the daemon; in the shape of the version asked for. */
export function describeSystem(info: SystemInfo, version: string, call: Call) {
  const environment = (name: string) => process.env[name.toUpperCase()] ?? process.env[name] ?? ''
  const commit = (id: string) => (call.olderThan(49) ? { ID: id, Expected: id } : { ID: id })
  return {
    ...info,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: call.olderThan(47)
      ? {
          AllowNondistributableArtifactsCIDRs: null,
          AllowNondistributableArtifactsHostnames: null,
          ...registryConfig,
        }
      : registryConfig,
    GenericResources: null,
    HttpProxy: environment('http_proxy'),
    HttpsProxy: environment('https_proxy'),
    NoProxy: environment('no_proxy'),
    ServerVersion: version,
    Swarm: notInSwarm,
    ContainerdCommit: commit(''),
    RuncCommit: commit(''),
    InitCommit: commit(''),
    CDISpecDirs: [],
    ...(call.olderThan(49) ? {} : { FirewallBackend: { Driver: 'nftables' } }),
    ...(call.olderThan(50) ? { BridgeNfIptables: false, BridgeNfIp6tables: false } : {}),
  }
}
