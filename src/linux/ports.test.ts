import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { ports } from './ports.ts'

test('a held port is refused to others, and free again afterwards', async () => {
  let port = 0
  {
    await using held = await ports.reserve('tcp', '0.0.0.0', 0)
    port = held.port
    await expect(ports.reserve('tcp', '0.0.0.0', port)).rejects.toMatchObject({ name: 'PortError', code: 'EADDRINUSE' })
    await expect(ports.reserve('tcp', '127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  }
  await using again = await ports.reserve('tcp', '0.0.0.0', port)
  expect(again.port).toBe(port)
})

test('a port on which somebody else listens is refused', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(ports.reserve('tcp', '0.0.0.0', port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  server.close()
})

test('an address that is not the host’s is refused', async () => {
  await expect(ports.reserve('tcp', '192.0.2.77', 0)).rejects.toMatchObject({
    name: 'PortError',
    code: 'EADDRNOTAVAIL',
  })
})

test('IPv4, IPv6, TCP and UDP hold the same number beside each other', async () => {
  await using a = await ports.reserve('tcp', '0.0.0.0', 0)
  await using b = await ports.reserve('tcp', '::', a.port)
  await using c = await ports.reserve('udp', '0.0.0.0', a.port)
  await using d = await ports.reserve('udp', '::', a.port)
  expect(new Set([a.port, b.port, c.port, d.port]).size).toBe(1)
  await expect(ports.reserve('udp', '0.0.0.0', a.port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('connections by IPv6 are copied to a program that has IPv4 only', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let said = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      said += chunk
    })
    socket.on('end', () => socket.end(`you said ${said}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await using held = await ports.reserve('tcp', '::', 0)
  held.forwardTo({ address: '127.0.0.1', port })
  const client = connect({ host: '::1', port: held.port, allowHalfOpen: true })
  client.end('x'.repeat(200_000))
  expect((await text(client)).length).toBe('you said '.length + 200_000)
  held.forwardTo(null)
  const refused = connect({ host: '::1', port: held.port })
  expect(await text(refused).catch(() => '')).toBe('')
  server.close()
})

test('datagrams by IPv6 are copied there and back', async () => {
  const server = createSocket('udp4', (message, from) => server.send(`echo ${message}`, from.port, from.address))
  const listening = once(server, 'listening')
  server.bind(0, '127.0.0.1')
  await listening
  await using held = await ports.reserve('udp', '::', 0)
  held.forwardTo({ address: '127.0.0.1', port: server.address().port })
  const client = createSocket('udp6')
  const answer = once(client, 'message')
  client.send('hi', held.port, '::1')
  expect(String((await answer)[0])).toBe('echo hi')
  client.close()
  server.close()
})
