import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { HostFacts } from '../../linux/index.ts'
import type { ContainerConfig, HostConfig, MountRequest, Resources } from '../shapes/index.ts'
import { parseBind } from './bind-spec.ts'
import { DetachScanner, parseDetachKeys } from './detach-keys.ts'
import { completeLogConfig, logLimitBytes } from './log-config.ts'
import { mergeImageConfig } from './merge-config.ts'
import { validateMount } from './mount-request.ts'
import { humanDuration } from './status-text.ts'
import { parsePs } from './top-container.ts'
import { validateConfig } from './validate-config.ts'
import { validateCombination } from './validate-create.ts'
import { validateHostConfig } from './validate-host-config.ts'
import { verifyResources } from './verify-resources.ts'

test.each<[ContainerConfig, string]>([
  [{ WorkingDir: 'relative' }, "the working directory 'relative' is invalid, it needs to be an absolute path"],
  [{ StopSignal: 'SIGNONE' }, 'invalid signal: SIGNONE'],
  [{ Env: ['=x'] }, 'invalid environment variable: =x'],
  [{ Healthcheck: { Interval: 1 } }, 'Interval in Healthcheck cannot be less than 1ms'],
  [{ Healthcheck: { Retries: -1 } }, 'Retries in Healthcheck cannot be negative'],
  [{ Hostname: 'h'.repeat(65) }, `hostname "${'h'.repeat(65)}" is too long (maximum 64 bytes)`],
])('configuration %j is refused', (config, message) => {
  expect(() => validateConfig(config)).toThrow(message)
})

test.each<[HostConfig, string]>([
  [{ AutoRemove: true, RestartPolicy: { Name: 'always' } }, "can't create 'AutoRemove' container with restart policy"],
  [
    { RestartPolicy: { Name: 'sometimes' } },
    "invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  ],
  [
    { RestartPolicy: { Name: 'always', MaximumRetryCount: 2 } },
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  ],
  [{ PortBindings: { 'x/tcp': [] } }, 'invalid port specification: "x/tcp"'],
  [{ PortBindings: { '80/tcp': [{ HostPort: 'y' }] } }, 'invalid port specification: "y"'],
  [{ CapAdd: ['FLY'] }, 'invalid CapAdd: unknown capability: "CAP_FLY"'],
  [{ IpcMode: 'odd' }, 'invalid IPC mode: odd'],
  [{ ShmSize: -1 }, 'SHM size can not be less than 0'],
  [{ OomScoreAdj: 1001 }, 'Invalid value 1001, range for oom score adj is [-1000, 1000]'],
  [{ Runtime: 'runx' }, 'unknown or invalid runtime name: runx'],
  [{ Tmpfs: { '/': '' } }, "invalid specification: destination can't be '/'"],
  [{ ExtraHosts: ['nothing'] }, 'bad format for add-host: "nothing"'],
])('host configuration %j is refused', (hostConfig, message) => {
  expect(() => validateHostConfig(hostConfig)).toThrow(message)
})

test('options that exclude each other are refused together', () => {
  expect(() => validateCombination({ Hostname: 'h' }, { NetworkMode: 'container:x' })).toThrow(
    'conflicting options: hostname and the network mode',
  )
  expect(() => validateCombination({}, { NetworkMode: 'container:' })).toThrow(
    'invalid network mode: invalid container format container:<name|id>',
  )
})

test.each<[MountRequest, string]>([
  [{ Type: 'bind', Target: '/t' }, 'invalid mount config for type "bind": field Source must not be empty'],
  [
    { Type: 'bind', Source: '/no/such/folder', Target: '/t' },
    'invalid mount config for type "bind": bind source path does not exist: /no/such/folder',
  ],
  [{ Type: 'volume', Source: 'v' }, 'invalid mount config for type "volume": field Target must not be empty'],
  [
    { Type: 'tmpfs', Source: 'x', Target: '/t' },
    'invalid mount config for type "tmpfs": field Source must not be specified',
  ],
  [{ Type: 'odd', Target: '/t' }, 'invalid mount config for type "odd": mount type unknown'],
  [
    { Type: 'volume', Source: 'v', Target: '/t', BindOptions: {} },
    'invalid mount config for type "volume": field BindOptions must not be specified',
  ],
])('mount %j is refused', (mount, message) => {
  expect(() => validateMount(mount)).toThrow(message)
})

test.each([
  ['/anon', { Type: 'volume', Source: '', Target: '/anon', ReadOnly: false }, ''],
  ['name:/t:ro', { Type: 'volume', Source: 'name', Target: '/t', ReadOnly: true }, 'ro'],
  [
    '/h:/t:ro,rshared',
    { Type: 'bind', Source: '/h', Target: '/t', ReadOnly: true, BindOptions: { Propagation: 'rshared' } },
    'ro,rshared',
  ],
])('-v %s is %j', (raw, mount, mode) => {
  expect(parseBind(raw)).toEqual({ mount, mode })
})

test.each([
  [':/t', "invalid volume specification: ':/t'"],
  ['/t:ro', "invalid volume specification: '/t:ro'"],
  ['a:/t:ro,rw', 'invalid mode: ro,rw'],
  ['a:/t:what', 'invalid mode: what'],
  ['a:/:ro', "invalid volume specification: 'a:/:ro'"],
])('-v %s is refused', (raw, message) => {
  expect(() => parseBind(raw)).toThrow(message)
})

const controllers = { memory: true, swap: true, cpu: true, cpuset: true, pids: true, blkio: true, freezer: true }
const host = { cpus: 2, cgroup: 'v1', controllers } as HostFacts

test.each<[Resources, string]>([
  [{ Memory: 1 }, 'Minimum memory limit allowed is 6MB'],
  [{ Memory: 8e6, MemorySwap: 7e6 }, 'Minimum memoryswap limit should be larger than memory limit, see usage'],
  [{ MemorySwap: 8e6 }, 'You should always set the Memory limit when using Memoryswap limit, see usage'],
  [{ MemorySwappiness: 101 }, 'Invalid value: 101, valid memory swappiness range is 0-100'],
  [{ NanoCpus: 3e9 }, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ NanoCpus: 1e9, CpuQuota: 5000 }, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'],
  [{ CpuPeriod: 1 }, 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
  [{ BlkioWeight: 5 }, 'Range of blkio weight is from 10 to 1000'],
])('limits %j are refused', (resources, message) => {
  expect(() => verifyResources(resources, host)).toThrow(message)
})

test('what the machine cannot limit is dropped, with a warning', () => {
  const resources: Resources = { Memory: 8e6, PidsLimit: 5 }
  const poor = { ...host, controllers: { ...controllers, memory: false, pids: false } }
  expect(verifyResources(resources, poor)).toEqual([
    'Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
    'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
  ])
  expect(resources).toMatchObject({ Memory: 0, PidsLimit: null })
})

test('the image completes what the user has said', () => {
  const config: ContainerConfig = { Env: ['A=mine'], Entrypoint: ['/mine'] }
  mergeImageConfig(config, {
    Env: ['A=image', 'B=image'],
    Cmd: ['not', 'taken'],
    Entrypoint: ['/image'],
    WorkingDir: '/w',
  })
  expect(config).toMatchObject({ Env: ['A=mine', 'B=image'], Entrypoint: ['/mine'], WorkingDir: '/w' })
  expect(config.Cmd).toBeUndefined()
  expect(() => mergeImageConfig({}, {})).toThrow('no command specified')
})

test('log options', () => {
  expect(completeLogConfig(undefined)).toEqual({ Type: 'json-file', Config: {} })
  expect(() => completeLogConfig({ Type: 'syslogd' })).toThrow("logger: no log driver named 'syslogd' is registered")
  expect(() => completeLogConfig({ Config: { odd: '1' } })).toThrow("unknown log opt 'odd' for json-file log driver")
  expect(logLimitBytes({ Type: 'json-file', Config: { 'max-size': '10k', 'max-file': '3' } })).toBe(30 * 1024)
  expect(logLimitBytes({ Type: 'json-file' })).toBeUndefined()
})

test('detach keys are kept back; what only looks like them goes through', async () => {
  expect([...parseDetachKeys('ctrl-p,ctrl-q')]).toEqual([16, 17])
  expect([...parseDetachKeys('a,ctrl-@')]).toEqual([97, 0])
  expect(() => parseDetachKeys('ctrl-p,odd')).toThrow('Invalid detach keys (ctrl-p,odd) provided')
  let detached = 0
  const scanner = new DetachScanner(parseDetachKeys(''), () => {
    detached += 1
  })
  const out = scanner.pipe(new PassThrough())
  for (const part of ['ab\x10', 'c\x10\x10', '\x11never']) scanner.write(Buffer.from(part))
  scanner.end()
  expect(await text(out)).toBe('ab\x10c\x10')
  expect(detached).toBe(1)
})

test.each([
  [500, 'Less than a second'],
  [1000, '1 second'],
  [59_000, '59 seconds'],
  [60_000, 'About a minute'],
  [3_600_000, 'About an hour'],
  [3 * 86_400_000, '3 days'],
  [20 * 86_400_000, '2 weeks'],
  [100 * 86_400_000, '3 months'],
])('%d ms is %s', (milliseconds, words) => {
  expect(humanDuration(milliseconds)).toBe(words)
})

test('ps is cut down to the container’s processes', () => {
  const output = 'UID  PID CMD\nroot 1 init --long line\nroot 7 sleep 100\n'
  expect(parsePs(output, [7])).toEqual({ Titles: ['UID', 'PID', 'CMD'], Processes: [['root', '7', 'sleep 100']] })
  expect(() => parsePs('CMD\nx\n', [1])).toThrow("couldn't find PID field in ps output")
})
