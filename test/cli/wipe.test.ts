import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { output, startDaemon } from '../support/daemon.ts'

/** What the machine has that an instance could leave behind. Lines that other programs change are left out. */
async function traces(): Promise<Record<string, string[]>> {
  const lines = (text: string) => text.split('\n').filter((line) => line !== '')
  const links = JSON.parse(await output('ip', '-json', 'link')) as { ifname: string }[]
  // A process that has ended and that init has not yet looked at holds nothing.
  const processes = lines(await output('ps', '-eo', 'args=')).filter((line) => !line.endsWith('<defunct>'))
  return {
    mounts: lines(await output('cat', '/proc/self/mounts')).sort(),
    links: links.map((link) => link.ifname).sort(),
    tables: lines(await output('nft', 'list', 'tables')).sort(),
    processes: processes
      .filter((line) => /conmon|crun|manufacture-test-/.test(line) && !line.includes('vitest'))
      .sort(),
    runtime: existsSync('/run/manufacture') ? readdirSync('/run/manufacture').sort() : [],
    cgroups: lines(await output('find', '/sys/fs/cgroup', '-maxdepth', '2', '-type', 'd')).sort(),
    netns: existsSync('/run/netns') ? readdirSync('/run/netns').sort() : [],
  }
}

test('down --wipe leaves no mount, link, rule, process, cgroup or file behind', async () => {
  const before = await traces()
  const daemon = await startDaemon()
  try {
    await daemon.ok('pull', 'busybox')
    await daemon.ok('network', 'create', 'atelier')
    await daemon.ok(
      'run',
      '-d',
      '--name',
      'machine',
      '--network',
      'atelier',
      '-p',
      '0:80',
      '-v',
      'livre:/data',
      'busybox',
      'sleep',
      '600',
    )
    await daemon.ok('run', '-d', '--restart', 'always', '--memory', '64m', 'busybox', 'sleep', '600')
    await daemon.ok('create', 'busybox')
    const during = await traces()
    expect(during.links?.length).toBeGreaterThan(before.links?.length ?? 0)
    expect(during.tables?.length).toBeGreaterThan(before.tables?.length ?? 0)
  } finally {
    await daemon[Symbol.asyncDispose]()
  }
  expect(await traces()).toEqual(before)
  expect(existsSync(daemon.state)).toBe(false)
})

test('down --wipe removes everything after the daemon was killed, too', async () => {
  const before = await traces()
  {
    await using daemon = await startDaemon()
    await daemon.ok('pull', 'busybox')
    await daemon.ok('run', '-d', '-p', '0:80', 'busybox', 'sleep', '600')
    await daemon.kill()
  }
  expect(await traces()).toEqual(before)
})
