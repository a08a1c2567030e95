import { expandWord, type Variables } from './expand.ts'
import { type DockerfilePlatform, formatDockerfilePlatform } from './platform.ts'
import type { ArgInstruction } from './syntax.ts'

/** Proxy settings are passed to every RUN without an ARG, and count neither for the cache nor for the history. */
export const proxyArguments: ReadonlySet<string> = new Set([
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'https_proxy',
  'FTP_PROXY',
  'ftp_proxy',
  'NO_PROXY',
  'no_proxy',
  'ALL_PROXY',
  'all_proxy',
])

/** ARGs that never become variables of the environment. */
export const silentArguments: ReadonlySet<string> = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'])

/** What FROM sees without any ARG: the platforms and the stage that is built. */
export function platformArguments(
  build: DockerfilePlatform,
  target: DockerfilePlatform,
  targetStage: string,
  buildArgs: Readonly<Record<string, string>> = {},
): Map<string, string> {
  const values: readonly (readonly [string, string])[] = [
    ['BUILDPLATFORM', formatDockerfilePlatform(build)],
    ['BUILDOS', build.os],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', build.architecture],
    ['BUILDVARIANT', build.variant],
    ['TARGETPLATFORM', formatDockerfilePlatform(target)],
    ['TARGETOS', target.os],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', target.architecture],
    ['TARGETVARIANT', target.variant],
    ['TARGETSTAGE', targetStage || 'default'],
  ]
  return new Map(values.map(([key, value]) => [key, Object.hasOwn(buildArgs, key) ? (buildArgs[key] ?? value) : value]))
}

/** The ARGs before the first FROM, with the values of `--build-arg` over their defaults. */
export function globalArguments(
  predefined: ReadonlyMap<string, string>,
  args: readonly ArgInstruction[],
  buildArgs: Readonly<Record<string, string>>,
  escapeToken: '\\' | '`',
): { values: Map<string, string>; declared: Set<string> } {
  const values = new Map(predefined)
  const declared = new Set<string>()
  for (const instruction of args)
    for (const { key, value } of instruction.args) {
      declared.add(key)
      if (Object.hasOwn(buildArgs, key)) values.set(key, buildArgs[key] ?? '')
      else if (value !== undefined)
        values.set(key, expandWord(value, values satisfies Variables, { escape: escapeToken }).result)
    }
  return { values, declared }
}
