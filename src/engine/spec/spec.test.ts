import { expect, test } from 'vitest'
import { defaultCapabilities, grantedCapabilities } from './capabilities.ts'
import { containerEnvironment, makeSpec } from './make-spec.ts'
import { planMounts, tmpfsOptions } from './mounts.ts'
import { ociResources } from './resources.ts'
import { customSeccomp, defaultSeccomp } from './seccomp.ts'
import { parseSecurityOptions } from './security-options.ts'
import { userFrom } from './user.ts'

const passwd = 'root:x:0:0::/root:/bin/sh\nweb:x:1001:1002::/srv:/bin/sh\n'
const group = 'root:x:0:\nweb:x:1002:\nstaff:x:50:web,other\nwheel:x:10:other\n'

test.each([
  ['', { uid: 0, gid: 0, additionalGids: [0] }],
  ['web', { uid: 1001, gid: 1002, additionalGids: [1002, 50] }],
  ['1001', { uid: 1001, gid: 1002, additionalGids: [1002, 50] }],
  ['web:staff', { uid: 1001, gid: 50, additionalGids: [50] }],
  ['4242', { uid: 4242, gid: 0, additionalGids: [0] }],
  ['4242:77', { uid: 4242, gid: 77, additionalGids: [77] }],
])('user %j is %j', (spec, user) => {
  expect(userFrom(spec, passwd, group)).toMatchObject(user)
})

test.each([
  ['nobody', 'unable to find user nobody: no matching entries in passwd file'],
  ['web:nogroup', 'unable to find group nogroup: no matching entries in group file'],
  ['-1', 'uids and gids must be in range 0-2147483647'],
  ['2147483648', 'uids and gids must be in range 0-2147483647'],
])('user %j is refused: %s', (spec, message) => {
  expect(() => userFrom(spec, passwd, group)).toThrow(message)
})

test('capabilities are Docker’s fourteen, with what is added and without what is dropped', () => {
  expect(grantedCapabilities({})).toEqual(defaultCapabilities)
  expect(defaultCapabilities).toHaveLength(14)
  expect(grantedCapabilities({ add: ['net_admin'], drop: ['CAP_CHOWN'] })).toEqual([
    ...defaultCapabilities.filter((name) => name !== 'CAP_CHOWN'),
    'CAP_NET_ADMIN',
  ])
  expect(grantedCapabilities({ add: ['SYS_TIME'], drop: ['ALL'] })).toEqual(['CAP_SYS_TIME'])
  expect(() => grantedCapabilities({ add: ['FLY'] })).toThrow('unknown capability: "CAP_FLY"')
})

const x86 = { machine: 'amd64', kernelVersion: '6.1.0-1', seccomp: true }

test('Docker’s seccomp rules depend on capabilities, machine and kernel', () => {
  const plain = defaultSeccomp([...defaultCapabilities], x86)
  const allowed = (profile: typeof plain, name: string) =>
    profile?.syscalls?.some((rule) => rule.action === 'SCMP_ACT_ALLOW' && !rule.args && rule.names.includes(name)) ??
    false
  expect(plain).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 })
  expect(plain?.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'])
  expect(allowed(plain, 'read')).toBe(true)
  expect(allowed(plain, 'arch_prctl')).toBe(true)
  expect(allowed(plain, 'chroot')).toBe(true)
  expect(allowed(plain, 'mount')).toBe(false)
  expect(allowed(plain, 'riscv_flush_icache')).toBe(false)
  expect(allowed(defaultSeccomp([...defaultCapabilities, 'CAP_SYS_ADMIN'], x86), 'mount')).toBe(true)
  expect(allowed(defaultSeccomp([], { ...x86, kernelVersion: '4.4.0' }), 'ptrace')).toBe(false)
  expect(plain?.syscalls).toContainEqual({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 })
})

test('a profile of the user’s is read in Docker’s format', () => {
  const profile = JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ name: 'mkdir', action: 'SCMP_ACT_ERRNO' }],
  })
  expect(customSeccomp(profile, [], x86)).toEqual({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }],
  })
  expect(() => customSeccomp('{', [], x86)).toThrow('Decoding seccomp profile failed')
})

test.each([
  ['no-new-privileges', { noNewPrivileges: true }],
  ['no-new-privileges=false', { noNewPrivileges: false }],
  ['seccomp=unconfined', { seccompProfile: 'unconfined' }],
  ['label=disable', { noNewPrivileges: false }],
])('security option %s', (option, parsed) => {
  expect(parseSecurityOptions([option])).toMatchObject(parsed)
})

test.each([
  ['nonsense', 'invalid --security-opt 1: "nonsense"'],
  ['what=ever', 'invalid --security-opt 2: "what=ever"'],
])('security option %s is refused', (option, message) => {
  expect(() => parseSecurityOptions([option])).toThrow(message)
})

test('tmpfs options: Docker’s own first, the user’s win', () => {
  expect(tmpfsOptions('')).toEqual(['noexec', 'nosuid', 'nodev', 'rprivate'])
  expect(tmpfsOptions('exec,size=64k,size=1m')).toEqual(['nosuid', 'nodev', 'rprivate', 'exec', 'size=1m'])
  expect(() => tmpfsOptions('colour=red')).toThrow('Invalid tmpfs option "colour=red"')
})

test('a user’s /dev takes the place of Docker’s and of all below it', () => {
  const { mounts } = planMounts([{ type: 'tmpfs', destination: '/dev', options: '' }], { shmSizeBytes: 1 })
  expect(mounts.map(({ destination }) => destination)).toEqual(['/proc', '/sys', '/sys/fs/cgroup', '/dev'])
})

test('limits in OCI’s terms', () => {
  expect(ociResources({ NanoCpus: 500_000_000, Memory: 64, PidsLimit: -1, CpuShares: 2 })).toEqual({
    cpu: { shares: 2, period: 100_000, quota: 50_000 },
    memory: { limit: 64 },
    pids: { limit: -1 },
  })
})

test('the environment: Docker’s, then the container’s over it; a bare name takes one away', () => {
  expect(containerEnvironment({ hostname: 'h', terminal: true, own: ['A=1', 'TERM=vt100', 'PATH'] })).toEqual([
    'HOSTNAME=h',
    'TERM=vt100',
    'A=1',
  ])
})

test('privileged: everything granted, nothing masked, no seccomp', () => {
  const request = {
    rootfs: '/r',
    args: ['true'],
    env: [],
    cwd: '',
    user: { uid: 0, gid: 0 },
    mounts: [],
    namespaces: { network: 'host' as const },
  }
  const plain = makeSpec({ ...request, hostConfig: {} })
  expect(plain.linux.maskedPaths).toContain('/proc/kcore')
  expect(plain.process.noNewPrivileges).toBe(false)
  expect(plain.linux.namespaces.map(({ type }) => type)).toEqual(['mount', 'uts', 'pid', 'ipc'])
  const privileged = makeSpec({ ...request, hostConfig: { Privileged: true } })
  expect(privileged.linux.maskedPaths).toBeUndefined()
  expect(privileged.linux.seccomp).toBeUndefined()
  expect(privileged.linux.resources?.devices).toEqual([{ allow: true, access: 'rwm' }])
})
