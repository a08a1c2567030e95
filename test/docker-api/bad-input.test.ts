import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { open } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')

afterEach(async () => {
  expect((await api.get('/_ping')).text).toBe('OK')
})

const json = { 'Content-Type': 'application/json' }

test('a gigabyte of JSON is refused, and the daemon does not grow', async () => {
  const before = await residentBytes()
  const megabyte = Buffer.alloc(1024 * 1024, ' ')
  const raw = Readable.from(
    (function* () {
      for (let count = 0; count < 1024; count++) yield megabyte
    })(),
  )
  const response = await open(api.daemon.socket, 'POST', '/containers/create', { raw, headers: json }).catch(
    (error: NodeJS.ErrnoException) => error,
  )
  // The refusal may overtake the rest of the body; then the connection is closed under it.
  if (!(response instanceof Error)) expect(response.statusCode).toBe(413)
  expect((await residentBytes()) - before).toBeLessThan(150 * 1024 * 1024)
})

test('an image name with path tricks stays a name', async () => {
  for (const name of ['..%2F..%2Fetc%2Fpasswd', '%00', 'a%0Ab', 'A', 'x'.repeat(5000)]) {
    const answer = await api.get(`/images/${name}/json`)
    expect([301, 400, 404], name.slice(0, 40)).toContain(answer.status)
  }
})

test('garbage on the socket is answered, or not, and hurts nobody', async () => {
  for (const bytes of [
    '\0\0\0\0',
    'GET',
    'GET / HTTP/9.9\r\n\r\n',
    'POST /containers/create HTTP/1.1\r\nContent-Length: 10\r\n\r\n{',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(api.daemon.socket, () => socket.write(bytes, () => setTimeout(() => socket.destroy(), 20)))
      socket.on('error', () => resolve()).on('close', () => resolve())
    })
  }
})

test.each([
  ['/containers/json?limit=many', 400, 'strconv.Atoi: parsing "many": invalid syntax'],
  ['/containers/json?filters=%7B', 400, 'invalid filter'],
  ['/containers/json?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D', 400, "invalid filter 'nonsense'"],
  ['/images/json?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D', 400, "invalid filter 'nonsense'"],
  ['/networks?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D', 400, "invalid filter 'nonsense'"],
  ['/volumes?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D', 400, "invalid filter 'nonsense'"],
  ['/containers/nosuch/json', 404, 'No such container: nosuch'],
  ['/containers/nosuch/logs', 400, "must specify at least one of 'stdout' or 'stderr'"],
  ['/containers/nosuch/logs?stdout=1', 404, 'No such container: nosuch'],
  ['/containers/nosuch/archive', 400, 'bad parameter: path cannot be empty'],
  ['/images/nosuch/json', 404, 'No such image: nosuch:latest'],
  ['/networks/nosuch', 404, 'network nosuch not found'],
  ['/volumes/nosuch', 404, 'get nosuch: no such volume'],
  ['/exec/nosuch/json', 404, 'No such exec instance: nosuch'],
  ['/nosuch', 404, 'page not found'],
])('GET %s: %i %s', async (path, status, sentence) => {
  const answer = await api.get(path)
  expect([answer.status, answer.json.message]).toEqual([status, sentence])
})

test.each([
  ['/containers/create', undefined, 400, 'invalid JSON: got EOF while reading request body'],
  [
    '/containers/create',
    { Image: 1 },
    400,
    'invalid JSON: json: cannot unmarshal number into Go struct field CreateRequest.Image of type string',
  ],
  ['/containers/create', {}, 400, 'config cannot be empty in order to create a container'],
  ['/containers/create', { Image: 'nosuch' }, 404, 'No such image: nosuch:latest'],
  [
    '/containers/create?name=-x',
    { Image: 'busybox' },
    400,
    'Invalid container name (-x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  ],
  ['/containers/nosuch/start', undefined, 404, 'No such container: nosuch'],
  ['/containers/nosuch/resize?h=a&w=1', undefined, 400, 'invalid resize height "a": invalid syntax'],
  ['/containers/nosuch/wait?condition=bored', undefined, 400, 'invalid condition: "bored"'],
  [
    '/volumes/create',
    { Name: '../x' },
    400,
    'create ../x: "../x" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
  ],
  ['/images/nosuch/tag?repo=x', undefined, 404, 'No such image: nosuch:latest'],
])('POST %s %j: %i %s', async (path, body, status, sentence) => {
  const answer = await api.post(path, body, body === undefined ? { headers: json } : {})
  expect([answer.status, answer.json.message]).toEqual([status, sentence])
})

test('no fault of a user left a stack in the log', async () => {
  const { stdout } = await api.daemon.manufacture('logs')
  expect(stdout).not.toMatch(/^\s+at .*\.ts:\d+/m)
})

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${api.daemon.status.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024
}
