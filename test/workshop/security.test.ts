import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startDaemon, type TestDaemon } from '../support/daemon.ts'

let daemon: TestDaemon
let port: number
let token: string

beforeAll(async () => {
  daemon = await startDaemon(['--no-kubernetes'])
  const link = new URL(daemon.status.addresses.workshop ?? '')
  port = Number(link.port)
  token = link.searchParams.get('token') ?? ''
}, 300_000)

afterAll(async () => {
  await daemon[Symbol.asyncDispose]()
})

interface Answer {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: string
}

/** A raw request: fetch would not let a test send these headers. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', path, method, headers: { host: `localhost:${port}`, ...headers } })
    call.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    call.on('error', reject)
    call.end(body)
  })
}

const cookie = () => ({ cookie: `manufacture=${token}` })

test('the link sets a strict cookie and takes the token out of the address', async () => {
  const answer = await ask(`/?token=${token}`)
  expect(answer.status).toBe(303)
  expect(answer.headers.location).toBe('/')
  expect(String(answer.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
  expect((await ask('/', cookie())).body).toContain('<div id="page">')
  expect((await ask('/api/map', cookie())).status).toBe(200)
})

test('no token, a wrong token and a wrong cookie get nothing', async () => {
  expect((await ask('/')).status).toBe(401)
  expect((await ask('/?token=wrong')).status).toBe(401)
  expect((await ask('/api/map', { cookie: 'manufacture=wrong' })).status).toBe(401)
  expect((await ask('/api/map')).status).toBe(401)
})

test('another name that leads here (DNS rebinding) gets nothing, even with the cookie', async () => {
  for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.nip.example:${port}`, 'localhost']) {
    expect((await ask('/api/map', { ...cookie(), host })).status, host).toBe(403)
  }
})

test('a page of another origin gets nothing, even with the cookie', async () => {
  const json = { 'content-type': 'application/json' }
  for (const origin of ['http://evil.example', 'null', `http://localhost:${port + 1}`, `https://localhost:${port}`]) {
    expect((await ask('/api/lesson/reset', { ...cookie(), ...json, origin }, 'POST', '{}')).status, origin).toBe(403)
  }
  expect((await ask('/api/map', { ...cookie(), 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  // A form of another site cannot send JSON.
  const form = { ...cookie(), 'content-type': 'application/x-www-form-urlencoded' }
  expect((await ask('/api/lesson/reset', form, 'POST', '{}')).status).toBe(400)
})

test('no frame may hold the page, no script but its own may run in it', async () => {
  const { headers } = await ask('/', cookie())
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("default-src 'none'")
  expect(headers['x-frame-options']).toBe('DENY')
})

async function upgrade(headers: Record<string, string>): Promise<number | 'open'> {
  return await new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, {
      headers: { host: `localhost:${port}`, ...headers },
    })
    socket.on('open', () => {
      socket.close()
      resolve('open')
    })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => resolve(0))
  })
}

test('a WebSocket opens from the page only', async () => {
  const origin = `http://localhost:${port}`
  expect(await upgrade({ ...cookie(), origin })).toBe('open')
  expect(await upgrade({ ...cookie(), origin: 'http://evil.example' })).toBe(403)
  expect(await upgrade({ ...cookie() })).toBe(403)
  expect(await upgrade({ origin })).toBe(401)
  expect(await upgrade({ ...cookie(), origin, host: 'evil.example' })).toBe(403)
})

test('a path out of the page or out of the lesson gets nothing', async () => {
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/assets/../../package.json',
    '/..%2f..%2fetc/passwd',
  ]) {
    expect((await ask(path, cookie())).status, path).toBe(404)
  }
  const file = await ask(`/api/file?path=${encodeURIComponent('../../token')}`, cookie())
  expect(file.status).toBe(400)
})
