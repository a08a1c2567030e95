import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Image, parseNormalizedName } from '../../oci/index.ts'
import type { Credentials } from '../contract.ts'
import { quietLog, type TestContent, type TestRegistry, testContent, testRegistry } from '../test-content.ts'
import { answerJson, type FaultyRegistry, faultyRegistry, makeImage } from '../test-images.ts'
import { parseChallenges } from './challenge.ts'
import { openImageTransfer } from './image-transfer.ts'

let upstream: TestRegistry
let source: TestContent
let image: Image

beforeAll(async () => {
  upstream = await testRegistry()
  source = await testContent()
  image = await makeImage(source.content, 'app', [{ file: 'content' }])
  using transfer = openImageTransfer({ content: source.content, log: quietLog() })
  await transfer.push(parseNormalizedName(`127.0.0.1:${upstream.port}/app:v1`), image)
})
afterAll(async () => {
  await upstream[Symbol.asyncDispose]()
  await source[Symbol.asyncDispose]()
})

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

async function body(incoming: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

/** A registry with a token server; notes which scopes were asked for by whom. */
async function tokenRegistry(
  allow: (scopes: string[], user: string) => boolean,
): Promise<FaultyRegistry & { asked: string[] }> {
  const asked: string[] = []
  const give = (user: string, scopes: string[], refresh: boolean) => {
    asked.push(`${user} ${scopes.join(' ')}`)
    const token = Buffer.from(JSON.stringify({ scopes })).toString('base64url')
    return allow(scopes, user) ? { token, ...(refresh ? { refresh_token: 'refresh-me' } : {}) } : undefined
  }
  const front = await faultyRegistry(upstream.url, (incoming, response) => {
    const url = new URL(incoming.url ?? '/', front.url)
    const refuse = () =>
      answerJson(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] })
    if (url.pathname === '/token' && incoming.method === 'POST') {
      void body(incoming).then((form) => {
        const given =
          form.get('refresh_token') === 'refresh-me'
            ? give('refreshed', (form.get('scope') ?? '').split(' '), false)
            : undefined
        return given ? answerJson(response, 200, { access_token: given.token }) : refuse()
      })
      return true
    }
    if (url.pathname === '/token') {
      expect(url.searchParams.get('service')).toBe('test')
      const { authorization } = incoming.headers
      if (authorization !== undefined && authorization !== basic('ada', 'secret')) return refuse()
      const given = give(
        authorization ? 'ada' : 'anonymous',
        url.searchParams.getAll('scope'),
        url.searchParams.has('offline_token'),
      )
      return given ? answerJson(response, 200, given) : refuse()
    }
    if (/^Bearer ./.test(incoming.headers.authorization ?? '')) {
      delete incoming.headers.authorization
      return false
    }
    return answerJson(
      response,
      401,
      { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
      {
        'WWW-Authenticate': `Bearer realm="${front.url}/token",service="test"`,
      },
    )
  })
  return Object.assign(front, { asked })
}

async function pull(host: string, credentials?: Credentials): Promise<unknown> {
  await using target = await testContent()
  using transfer = openImageTransfer({ content: target.content, log: quietLog() })
  return (await transfer.pull(parseNormalizedName(`${host}/app:v1`), credentials ? { credentials } : {})).image.id
}

test('a token is fetched once for a pull: without credentials, with a password, with an identity token', async () => {
  await using registry = await tokenRegistry(() => true)
  expect(await pull(registry.host)).toBe(image.id)
  expect(await pull(registry.host, { username: 'ada', password: 'secret' })).toBe(image.id)
  expect(await pull(registry.host, { identityToken: 'refresh-me' })).toBe(image.id)
  expect(registry.asked).toEqual([
    'anonymous repository:app:pull',
    'ada repository:app:pull',
    'refreshed repository:app:pull',
  ])
})

test('a push asks for the right to push, and to read where it mounts from', async () => {
  await using registry = await tokenRegistry(() => true)
  using transfer = openImageTransfer({ content: source.content, log: quietLog() })
  const credentials = { username: 'ada', password: 'secret' }
  await transfer.push(parseNormalizedName(`${registry.host}/one:v1`), image, { credentials })
  await transfer.push(parseNormalizedName(`${registry.host}/two:v1`), image, { credentials })
  expect(registry.asked).toEqual(['ada repository:one:pull,push', 'ada repository:two:pull,push repository:one:pull'])
})

test("a wrong password is told in the token server's words", async () => {
  await using registry = await tokenRegistry(() => true)
  await expect(pull(registry.host, { username: 'ada', password: 'wrong' })).rejects.toMatchObject({
    message: `Get "http://${registry.host}/v2/": unauthorized: incorrect username or password`,
    kind: 'unauthorized',
  })
})

test('docker login: accepted, with an identity token; refused with 401', async () => {
  await using registry = await tokenRegistry(() => true)
  using transfer = openImageTransfer({ content: source.content, log: quietLog() })
  const serverAddress = registry.host
  expect(await transfer.checkLogin({ username: 'ada', password: 'secret', serverAddress })).toEqual({
    status: 'Login Succeeded',
    identityToken: 'refresh-me',
  })
  await expect(transfer.checkLogin({ username: 'ada', password: 'wrong', serverAddress })).rejects.toMatchObject({
    message: `Get "http://${registry.host}/v2/": unauthorized: incorrect username or password`,
    statusCode: 401,
  })
})

test('basic authentication: with a password it works, without one it is told', async () => {
  await using registry = await faultyRegistry(upstream.url, (incoming, response) => {
    if (incoming.headers.authorization === basic('ada', 'secret')) return false
    return answerJson(
      response,
      401,
      { errors: [{ code: 'UNAUTHORIZED' }] },
      { 'WWW-Authenticate': 'Basic realm="here"' },
    )
  })
  expect(await pull(registry.host, { username: 'ada', password: 'secret' })).toBe(image.id)
  await expect(pull(registry.host)).rejects.toThrow(`Get "http://${registry.host}/v2/": no basic auth credentials`)
  using transfer = openImageTransfer({ content: source.content, log: quietLog() })
  const login = (password: string) =>
    transfer.checkLogin({ username: 'ada', password, serverAddress: `http://${registry.host}/v2/` })
  expect((await login('secret')).status).toBe('Login Succeeded')
  await expect(login('wrong')).rejects.toMatchObject({
    message: `login attempt to http://${registry.host}/v2/ failed with status: 401 Unauthorized`,
    statusCode: 401,
  })
})

test('a token does not follow a redirect to another host', async () => {
  const seen: (string | undefined)[] = []
  await using bucket = await faultyRegistry(upstream.url, (incoming) => {
    seen.push(incoming.headers.authorization)
    return false
  })
  await using registry = await faultyRegistry(upstream.url, (incoming, response) => {
    if (incoming.headers.authorization === undefined) {
      return answerJson(response, 401, {}, { 'WWW-Authenticate': 'Basic realm="here"' })
    }
    if (!/\/blobs\//.test(incoming.url ?? '')) return false
    response.writeHead(307, { Location: `${bucket.url}${incoming.url}` }).end()
    return true
  })
  expect(await pull(registry.host, { username: 'ada', password: 'secret' })).toBe(image.id)
  expect(seen.length).toBeGreaterThan(1)
  expect(new Set(seen)).toEqual(new Set([undefined]))
})

test('challenges: several in one header, quoted commas, escapes, no parameters', () => {
  expect(parseChallenges('Bearer realm="https://a/t?x=1,2",service="s \\"q\\"",scope=pull, Basic realm=b')).toEqual([
    { scheme: 'bearer', parameters: { realm: 'https://a/t?x=1,2', service: 's "q"', scope: 'pull' } },
    { scheme: 'basic', parameters: { realm: 'b' } },
  ])
  expect(parseChallenges('Negotiate')).toEqual([{ scheme: 'negotiate', parameters: {} }])
  expect(parseChallenges(undefined)).toEqual([])
})
