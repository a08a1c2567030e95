import { deviceAt, hostDevices, type OciDevice, type OciDeviceRule } from '../../linux/index.ts'
import { invalid, system } from '../engine-error.ts'
import type { HostConfig } from '../shapes/index.ts'

const rule = (
  allow: boolean,
  type: 'a' | 'c' | 'b',
  major?: number,
  minor?: number,
  access = 'rwm',
): OciDeviceRule => ({
  allow,
  type,
  ...(major !== undefined && { major }),
  ...(minor !== undefined && { minor }),
  access,
})

/** Nothing, but: zero, null, urandom, random, tty, console, pts and ptmx; any node may be made (mknod), not opened. */
const defaultRules: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  rule(true, 'c', 1, 5),
  rule(true, 'c', 1, 3),
  rule(true, 'c', 1, 9),
  rule(true, 'c', 1, 8),
  rule(true, 'c', 5, 0),
  rule(true, 'c', 5, 1),
  rule(false, 'c', 10, 229),
]

const cgroupRule = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/

function parseCgroupRule(text: string): OciDeviceRule {
  const match = cgroupRule.exec(text)
  if (!match) throw invalid(`invalid device cgroup rule format: '${text}'`)
  const number = (part: string | undefined) => (part === '*' ? undefined : Number(part))
  return rule(true, match[1] as 'a' | 'c' | 'b', number(match[2]), number(match[3]), match[4])
}

function nodesAt(hostPath: string, containerPath: string): OciDevice[] {
  let nodes: OciDevice[]
  try {
    nodes = deviceAt(hostPath, containerPath)
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : 'not a device node'
    throw system(`error gathering device information while adding custom device "${hostPath}": ${reason}`, {
      cause: error,
    })
  }
  if (nodes.length === 0) {
    throw system(`error gathering device information while adding custom device "${hostPath}": not a device node`)
  }
  return nodes
}

export function devicesFor(hostConfig: HostConfig): { devices: OciDevice[]; rules: OciDeviceRule[] } {
  const mappings = (hostConfig.Devices ?? []).map((mapping) => ({
    host: mapping.PathOnHost ?? '',
    container: mapping.PathInContainer || mapping.PathOnHost || '',
    access: mapping.CgroupPermissions || 'rwm',
  }))
  if (hostConfig.Privileged) {
    const more = mappings.filter(({ host, container }) => host !== container)
    return {
      devices: [...hostDevices(), ...more.flatMap(({ host, container }) => nodesAt(host, container))],
      rules: [{ allow: true, access: 'rwm' }],
    }
  }
  const devices: OciDevice[] = []
  const rules: OciDeviceRule[] = [...defaultRules]
  for (const { host, container, access } of mappings) {
    for (const node of nodesAt(host, container)) {
      devices.push(node)
      rules.push(rule(true, node.type === 'b' ? 'b' : 'c', node.major, node.minor, access))
    }
  }
  for (const text of hostConfig.DeviceCgroupRules ?? []) rules.push(parseCgroupRule(text))
  return { devices, rules }
}
