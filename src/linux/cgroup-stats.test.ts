import { expect, test } from 'vitest'
import { parseBlkioV1, parseFlatKeyed, parseIoV2 } from './cgroup-stats.ts'
import { fitProcess, parseHardLimits } from './fit-to-host.ts'
import { parseNetDev } from './interface-counters.ts'
import { RuntimeError } from './runtime-error.ts'

test('flat keyed files become numbers, a missing file nothing', () => {
  expect(parseFlatKeyed('cache 1\ninactive_file 20\n')).toEqual({ cache: 1, inactive_file: 20 })
  expect(parseFlatKeyed(null)).toEqual({})
})

test('block counters of both cgroup versions are read', () => {
  expect(parseBlkioV1('8:0 Read 4096\n8:0 Write 0\nTotal 4096\n', 'bytes')).toEqual([
    { kind: 'bytes', major: 8, minor: 0, op: 'Read', value: 4096 },
    { kind: 'bytes', major: 8, minor: 0, op: 'Write', value: 0 },
  ])
  expect(parseIoV2('254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n')).toEqual([
    { kind: 'bytes', major: 254, minor: 0, op: 'read', value: 1 },
    { kind: 'bytes', major: 254, minor: 0, op: 'write', value: 2 },
    { kind: 'operations', major: 254, minor: 0, op: 'read', value: 3 },
    { kind: 'operations', major: 254, minor: 0, op: 'write', value: 4 },
  ])
})

test('interface counters leave lo out', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       1       1    0    0    0     0          0         0        1       1    0    0    0     0       0          0
  eth0:     670       7    1    2    0     0          0         0      280       4    3    5    0     0       0          0
`
  expect(parseNetDev(text)).toEqual({
    eth0: {
      rxBytes: 670,
      rxPackets: 7,
      rxErrors: 1,
      rxDropped: 2,
      txBytes: 280,
      txPackets: 4,
      txErrors: 3,
      txDropped: 5,
    },
  })
})

test('hard limits are read from the kernel’s table', () => {
  const text = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 20000                files     
`
  expect([...parseHardLimits(text)]).toEqual([
    ['RLIMIT_CPU', Number.POSITIVE_INFINITY],
    ['RLIMIT_NOFILE', 20000],
  ])
})

test('a capability that nobody has is left out and said', () => {
  const adjustments: string[] = []
  const process = {
    user: { uid: 0, gid: 0 },
    args: [],
    env: [],
    cwd: '/',
    capabilities: { bounding: ['CAP_CHOWN', 'CAP_NO_SUCH'] },
  }
  expect(fitProcess(process, adjustments).capabilities).toEqual({ bounding: ['CAP_CHOWN'] })
  expect(adjustments).toEqual(['Capabilities that this machine does not grant are left out: CAP_NO_SUCH.'])
})

test('the runtime’s sentence is freed of its decoration and keeps its cause', () => {
  const error = RuntimeError.from(
    'create',
    '2026-11-24T10:00:00.1Z: executable file `x` not found in $PATH: No such file or directory\n',
  )
  expect(error).toMatchObject({ operation: 'create', code: 'ENOENT' })
  expect(RuntimeError.from('exec', '').message).toBe('exec failed')
})
