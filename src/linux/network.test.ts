import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { FirewallNetwork } from './index.ts'
import { openKernel, type TestKernel } from './testing/kernel.ts'

let kernel: TestKernel
let servers: Server[] = []
/** Two octets of a subnet that nobody else uses. */
let net = ''
const bridgeOf = (n: number) => `mf${kernel.instance.slice(0, 6)}${n}`

beforeAll(async () => {
  kernel = await openKernel()
})
afterAll(async () => {
  await kernel[Symbol.asyncDispose]()
})
beforeEach(async () => {
  const used = await kernel.linux.network.usedSubnets()
  net = `10.${[...Array(250).keys()].find((n) => n > 60 && !used.some((subnet) => subnet.startsWith(`10.${n}.`)))}`
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  servers = []
  const { network, firewall } = kernel.linux
  for (const name of network.namespaces()) network.dropNamespace(name)
  for (const bridge of await network.bridges()) {
    await firewall.removeNetwork(bridge)
    await network.removeBridge(bridge)
  }
})

async function makeNetwork(n: number, change: Partial<FirewallNetwork> = {}): Promise<void> {
  const { network, firewall } = kernel.linux
  await network.ensureBridge({ name: bridgeOf(n), addresses: [`${net}.${n}.1/24`] })
  const subnets = [`${net}.${n}.0/24`]
  await firewall.addNetwork({
    bridge: bridgeOf(n),
    subnets,
    internal: false,
    interContainer: true,
    masquerade: true,
    ...change,
  })
}

async function member(name: string, n: number, host: number): Promise<string> {
  const { network } = kernel.linux
  await network.takeNamespace(name)
  await network.attach({
    namespace: name,
    bridge: bridgeOf(n),
    ifName: 'eth0',
    mac: `02:42:0a:00:0${n}:${host.toString(16).padStart(2, '0')}`,
    addresses: [`${net}.${n}.${host}/24`],
    gateway4: `${net}.${n}.1`,
  })
  return `${net}.${n}.${host}`
}

/** A server in the namespace that answers with its name and who asked. */
async function serve(namespace: string, port: number): Promise<void> {
  const server = createServer((socket) => socket.end(`${namespace} to ${socket.remoteAddress}`))
  server.listen({ fd: kernel.linux.network.openSocket(namespace, 'tcp', '0.0.0.0', port) })
  await once(server, 'listening')
  servers.push(server)
}

const fromHost = async (host: string, port: number) => await text(connect({ host, port }))

function fromNamespace(name: string, host: string, port: number): string {
  const path = kernel.linux.network.namespace(name)?.path ?? ''
  const script = `exec 3<>/dev/tcp/${host}/${port} && cat <&3`
  try {
    return execFileSync('nsenter', [`--net=${path}`, 'timeout', '1', 'bash', '-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return 'unreachable'
  }
}

/** While the shell below blocks this process, a server in it cannot answer: it is asked from a program of its own. */
async function asked(name: string, host: string, port: number): Promise<string> {
  const { spawn } = await import('node:child_process')
  const path = kernel.linux.network.namespace(name)?.path ?? ''
  const script = `exec 3<>/dev/tcp/${host}/${port} && cat <&3`
  const child = spawn('nsenter', [`--net=${path}`, 'timeout', '2', 'bash', '-c', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const answer = await text(child.stdout)
  return answer === '' ? 'unreachable' : answer
}

test('members of a bridge reach each other, the host reaches them, and they see the host', async () => {
  await makeNetwork(1)
  const a = await member('a', 1, 2)
  await member('b', 1, 3)
  await serve('a', 80)
  expect(await fromHost(a, 80)).toBe(`a to ${net}.1.1`)
  expect(await asked('b', a, 80)).toBe(`a to ${net}.1.3`)
})

test('a published port is reached by localhost, by the host’s address and by members, and not once it is unpublished', async () => {
  await makeNetwork(1)
  const { firewall, ports } = kernel.linux
  const a = await member('a', 1, 2)
  await member('b', 1, 3)
  await serve('a', 80)
  await using reservation = await ports.reserve('tcp', '0.0.0.0', 0)
  const published = {
    protocol: 'tcp',
    hostAddress: null,
    hostPort: reservation.port,
    containerAddress: a,
    containerPort: 80,
  } as const
  await firewall.publish([published])
  await firewall.publish([published])
  expect(await fromHost('127.0.0.1', reservation.port)).toBe(`a to ${net}.1.1`)
  expect(await fromHost(`${net}.1.1`, reservation.port)).toBe(`a to ${net}.1.1`)
  expect(await asked('b', `${net}.1.1`, reservation.port)).toBe(`a to ${net}.1.1`)
  expect(await asked('a', `${net}.1.1`, reservation.port)).toBe(`a to ${net}.1.1`)
  await firewall.unpublish([published])
  await firewall.unpublish([published])
  expect(await fromHost('127.0.0.1', reservation.port).catch((error) => error.code)).not.toContain('a to')
})

test('a port published on one address is not on the others', async () => {
  await makeNetwork(1)
  const a = await member('a', 1, 2)
  await serve('a', 80)
  await using reservation = await kernel.linux.ports.reserve('tcp', '127.0.0.1', 0)
  const { port } = reservation
  await kernel.linux.firewall.publish([
    { protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: port, containerAddress: a, containerPort: 80 },
  ])
  expect(await fromHost('127.0.0.1', port)).toBe(`a to ${net}.1.1`)
  await expect(fromHost(`${net}.1.1`, port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('networks are kept from each other, but a published port is open to all', async () => {
  await makeNetwork(1)
  await makeNetwork(2)
  const a = await member('a', 1, 2)
  await member('c', 2, 2)
  await serve('a', 80)
  expect(await asked('c', a, 80)).toBe('unreachable')
  await using reservation = await kernel.linux.ports.reserve('tcp', '0.0.0.0', 0)
  await kernel.linux.firewall.publish([
    { protocol: 'tcp', hostAddress: null, hostPort: reservation.port, containerAddress: a, containerPort: 80 },
  ])
  expect(await asked('c', `${net}.2.1`, reservation.port)).toBe(`a to ${net}.1.1`)
})

test('members that must not talk do not, and the host still reaches them', async () => {
  await makeNetwork(1, { interContainer: false })
  const a = await member('a', 1, 2)
  await member('b', 1, 3)
  await serve('a', 80)
  expect(await asked('b', a, 80)).toBe('unreachable')
  expect(await fromHost(a, 80)).toBe(`a to ${net}.1.1`)
})

test('an internal network has no way out and none in', async () => {
  await makeNetwork(1, { internal: true })
  await makeNetwork(2)
  await member('a', 1, 2)
  const c = await member('c', 2, 2)
  await serve('c', 80)
  expect(await asked('a', c, 80)).toBe('unreachable')
  expect(fromNamespace('a', '192.0.2.200', 9)).toBe('unreachable')
})

test('loopback of the host cannot be reached from a member through route_localnet', async () => {
  await makeNetwork(1)
  await member('a', 1, 2)
  const server = createServer((socket) => socket.end('secret')).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const path = kernel.linux.network.namespace('a')?.path ?? ''
  execFileSync('nsenter', [
    `--net=${path}`,
    'sh',
    '-c',
    `ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via ${net}.1.1; echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet`,
  ])
  expect(await asked('a', '127.0.0.1', port)).toBe('unreachable')
})

test('reconcile makes the table what it is told, after another process has left something else', async () => {
  await makeNetwork(1)
  const a = await member('a', 1, 2)
  await serve('a', 80)
  await using first = await kernel.linux.ports.reserve('tcp', '0.0.0.0', 0)
  await using second = await kernel.linux.ports.reserve('tcp', '0.0.0.0', 0)
  const port = (hostPort: number) =>
    ({ protocol: 'tcp', hostAddress: null, hostPort, containerAddress: a, containerPort: 80 }) as const
  await kernel.linux.firewall.publish([port(first.port)])
  await kernel.reopen()
  const network = {
    bridge: bridgeOf(1),
    subnets: [`${net}.1.0/24`],
    internal: false,
    interContainer: true,
    masquerade: true,
  }
  await kernel.linux.firewall.reconcile([network], [port(second.port)])
  expect(await fromHost('127.0.0.1', second.port)).toBe(`a to ${net}.1.1`)
  expect(kernel.linux.network.namespaces()).toEqual(['a'])
  const ruleset = execFileSync('nft', ['list', 'table', 'inet', `manufacture_${kernel.instance}`], { encoding: 'utf8' })
  expect(ruleset).toContain(`tcp . ${second.port}`)
  expect(ruleset).not.toContain(`tcp . ${first.port}`)
})

test('a datagram socket at 127.0.0.11 of a namespace answers its members', async () => {
  const { network } = kernel.linux
  await network.takeNamespace('dns')
  const socket = createSocket('udp4')
  const listening = once(socket, 'listening')
  socket.bind({ fd: network.openSocket('dns', 'udp', '127.0.0.11', 53) })
  await listening
  expect(socket.address()).toMatchObject({ address: '127.0.0.11', port: 53 })
  socket.close()
})

test('IPv6 addresses work at once, and counters count', async () => {
  const { network, firewall } = kernel.linux
  await network.ensureBridge({ name: bridgeOf(1), addresses: [`${net}.1.1/24`, 'fd00:6d66::1/64'] })
  await firewall.addNetwork({
    bridge: bridgeOf(1),
    subnets: [`${net}.1.0/24`, 'fd00:6d66::/64'],
    internal: false,
    interContainer: true,
    masquerade: true,
  })
  await network.takeNamespace('a')
  await network.attach({
    namespace: 'a',
    bridge: bridgeOf(1),
    ifName: 'eth0',
    mac: '02:42:0a:00:01:02',
    addresses: [`${net}.1.2/24`, 'fd00:6d66::2/64'],
    gateway4: `${net}.1.1`,
    gateway6: 'fd00:6d66::1',
  })
  const server = createServer((socket) => socket.end('six'))
  servers.push(server)
  server.listen({ fd: network.openSocket('a', 'tcp', '::', 80) })
  await once(server, 'listening')
  expect(await fromHost('fd00:6d66::2', 80)).toBe('six')
  expect(network.counters('a').eth0?.rxPackets).toBeGreaterThan(0)
})

test('a link is attached, detached and attached again while its namespace stays', async () => {
  await makeNetwork(1)
  const a = await member('a', 1, 2)
  await kernel.linux.network.detach('a', 'eth0')
  await kernel.linux.network.detach('a', 'eth0')
  expect(kernel.linux.network.counters('a')).toEqual({})
  kernel.linux.network.dropNamespace('a')
  expect(await member('a', 1, 2)).toBe(a)
})
