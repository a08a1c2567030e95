import { arch, release } from 'node:os'
import type { DockerApiOptions } from '../contract.ts'
import { credentials } from '../decode/credentials.ts'
import { readBody } from '../decode/read-body.ts'
import { readAuthBody } from '../decode/registry-auth.ts'
import { maxApiVersion, minApiVersion } from '../http/api-version.ts'
import type { Call } from '../http/call.ts'
import { type Route, route } from '../http/router.ts'
import { describeSystem } from './system-info.ts'

/** System: ping, version, info, login. */
export function systemRoutes(options: DockerApiOptions): Route[] {
  const { engine } = options
  return [
    route('GET', '/_ping', ping),
    route('HEAD', '/_ping', ping),
    route('GET', '/version', (call) => call.json(200, describeVersion(options))),
    route('GET', '/info', (call) => call.json(200, describeSystem(engine.info(), options.version, call))),
    route('POST', '/auth', async (call) => {
      const result = await engine.images.login(credentials(readAuthBody(await readBody(call))) ?? {})
      call.json(200, { Status: result.status, IdentityToken: result.identityToken })
    }),
  ]
}

function ping(call: Call): void {
  call.response.writeHead(200, {
    'Builder-Version': '1',
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    'Content-Length': call.method === 'HEAD' ? 0 : 2,
    'Content-Type': 'text/plain; charset=utf-8',
    Pragma: 'no-cache',
    Swarm: 'inactive',
  })
  call.response.end(call.method === 'HEAD' ? undefined : 'OK')
}

/** Docker names processors as Go does. */
const goArchitectures: Record<string, string> = { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm' }

function describeVersion({ version, gitCommit = '' }: DockerApiOptions) {
  const facts = {
    ApiVersion: maxApiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: gitCommit,
    GoVersion: `node ${process.version}`,
    Os: 'linux',
    Arch: goArchitectures[arch()] ?? arch(),
    KernelVersion: release(),
    BuildTime: '',
  }
  return {
    Platform: { Name: 'Manufacture' },
    Version: version,
    ...facts,
    Components: [{ Name: 'Engine', Version: version, Details: { ...facts, Experimental: 'false' } }],
  }
}
