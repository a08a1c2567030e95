/**
 * From a container-ish description to an OCI runtime specification. Also for the build's RUN steps:
 *
 *     makeSpec({
 *       rootfs, args: ['/bin/sh', '-c', 'make'], cwd: '/src',
 *       env: containerEnvironment({ hostname, own: config.Env }),
 *       user: resolveUser(config.User ?? '', rootfs),
 *       hostConfig: {}, mounts: [{ type: 'bind', source, destination, writable: true, propagation: '' }],
 *       namespaces: { network: namespace ? { path: namespace } : 'host' },
 *     })
 */
export { defaultCapabilities, grantedCapabilities, normalizeCapabilities } from './capabilities.ts'
export {
  containerEnvironment,
  defaultPath,
  defaultPaths,
  defaultShmSizeBytes,
  makeSpec,
  type NamespaceChoice,
  overlayEnvironment,
  type SpecRequest,
  specProcess,
} from './make-spec.ts'
export { type SpecMount, tmpfsOptions } from './mounts.ts'
export { ociResources } from './resources.ts'
export { parseSecurityOptions, type SecurityOptions } from './security-options.ts'
export { type ResolvedUser, resolveUser, userFrom } from './user.ts'
