import { connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, configMap } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const configMaps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

describe('bodies', () => {
  test.each([
    ['{', 'unexpected end of JSON input ({)'],
    ['{"a" 1}', 'invalid character \'1\' after object key ({"a" 1})'],
    ['{"kind": nope}', "invalid character 'o' in literal null (expecting 'u') ({\"kind\": nope})"],
    ['{"a":1,}', 'invalid character \'}\' looking for beginning of object key string ({"a":1,})'],
    ['', 'unexpected end of JSON input (<empty>)'],
  ])('%j is 400 and says why', async (body, why) => {
    const { status, json } = await cluster.post(configMaps, body)
    expect(status).toBe(400)
    expect(json.message).toBe(
      `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${why}`,
    )
  })

  test('of another kind are 400', async () => {
    const { status, json } = await cluster.post(pods, configMap('x'))
    expect(status).toBe(400)
    expect(json.message).toMatch(/^ConfigMap in version "v1" cannot be handled as a Pod: /)
    const unknown = await cluster.post(pods, { apiVersion: 'v9', kind: 'Nothing' })
    expect(unknown.json.message).toMatch(
      /^Nothing in version "v9" cannot be handled as a Pod: no kind "Nothing" is registered for version "v9"/,
    )
  })

  test('with a wrong type are 400 in the words of the decoder', async () => {
    const { status, json } = await cluster.post(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: { containers: 'many' },
    })
    expect(status).toBe(400)
    expect(json.message).toBe(
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    )
  })

  test('of an unknown type are 415', async () => {
    const { status, json } = await cluster.post(configMaps, 'x', { 'content-type': 'text/plain' })
    expect(status).toBe(415)
    expect(json.reason).toBe('UnsupportedMediaType')
  })

  test('that are too big are 413, and the connection goes on', async () => {
    const { status, json } = await cluster.post(configMaps, configMap('big', { a: 'x'.repeat(3 * 1024 * 1024) }))
    expect(status).toBe(413)
    expect(json.message).toBe('Request entity too large: limit is 3145728')
    expect((await cluster.get('/readyz')).status).toBe(200)
  })

  test('that are deep or explode are refused', async () => {
    const deep = await cluster.post(configMaps, `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`)
    expect(deep.status).toBe(400)
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join()}]`),
    ].join('\n')
    const exploded = await cluster.post(configMaps, bomb, { 'content-type': 'application/yaml' })
    expect(exploded.status).toBe(400)
    expect((await cluster.get('/readyz')).status).toBe(200)
  })

  test('in YAML and CBOR are read as well', async () => {
    const yaml = await cluster.post(configMaps, 'metadata:\n  name: yaml\ndata:\n  a: b\n', {
      'content-type': 'application/yaml',
    })
    expect(yaml.json.data).toEqual({ a: 'b' })
  })
})

describe('field validation', () => {
  const body = { ...configMap('v'), wrong: 1, metadata: { name: 'v', lables: {} } }

  test('Strict refuses unknown and doubled fields', async () => {
    const { status, json } = await cluster.post(`${configMaps}?fieldValidation=Strict`, body)
    expect(status).toBe(400)
    expect(json.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.lables", unknown field "wrong"',
    )
    const twice = await cluster.post(`${configMaps}?fieldValidation=Strict`, '{"metadata":{"name":"v","name":"w"}}')
    expect(twice.json.message).toContain('strict decoding error: duplicate field "metadata.name"')
  })

  test('Warn, which is the default, says so in headers', async () => {
    const { status, headers } = await cluster.post(configMaps, body)
    expect(status).toBe(201)
    expect(headers.warning).toBe('299 - "unknown field \\"metadata.lables\\"", 299 - "unknown field \\"wrong\\""')
  })

  test('anything else is 422', async () => {
    const { status, json } = await cluster.post(`${configMaps}?fieldValidation=Maybe`, body)
    expect(status).toBe(422)
    expect(json.message).toBe(
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
    )
  })
})

describe('paths', () => {
  test('lead nowhere by tricks', async () => {
    await cluster.post('/api/v1/namespaces/kube-system/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
    })
    for (const path of [
      '/api/v1/namespaces/default/configmaps/..%2f..%2fsecrets%2fkube-system%2fs',
      '/api/v1/namespaces/default%2fconfigmaps/..',
      '/api/v1/namespaces/../secrets/s',
      '/api/v1/namespaces/default/secrets/%00',
      '/api/v1/namespaces/default/pods/__proto__',
      '/api/v1/namespaces/default/pods/constructor',
    ]) {
      const { status } = await cluster.get(path)
      expect(status, path).toBeGreaterThanOrEqual(400)
      expect(status, path).toBeLessThan(500)
    }
    expect((await cluster.get('/api/v1/namespaces/default/pods/%zz')).status).toBe(400)
  })
})

describe('methods', () => {
  test('that a resource has not are 405', async () => {
    const { status, json } = await cluster.request('DELETE', '/api/v1/namespaces')
    expect(status).toBe(405)
    expect(json.reason).toBe('MethodNotAllowed')
    expect((await cluster.request('POST', `${configMaps}/x`, configMap('x'))).status).toBe(405)
    expect((await cluster.request('PUT', configMaps, configMap('x'))).status).toBe(405)
  })
})

/** What a client over HTTP/1.1 without a certificate gets to see. */
function raw(lines: string[], withCertificate = false): Promise<string> {
  const { port } = new URL(cluster.url)
  const { ca, cert, key } = cluster.tls
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({
      port: Number(port),
      host: '127.0.0.1',
      ca,
      ALPNProtocols: ['http/1.1'],
      ...(withCertificate ? { cert, key } : {}),
    })
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
    socket.write(lines.join('\r\n'))
  })
}

describe('clients', () => {
  test('without a certificate are anonymous and may read nothing', async () => {
    const text = await raw(['GET /api/v1/pods HTTP/1.1', 'host: x', 'connection: close', '', ''])
    expect(text).toMatch(/^HTTP\/1\.1 403 /)
    expect(text).toContain(
      'User \\"system:anonymous\\" cannot list resource \\"pods\\" in API group \\"\\" at the cluster scope',
    )
  })

  test('with a wrong token get 401', async () => {
    const text = await raw([
      'GET /api/v1/pods HTTP/1.1',
      'host: x',
      'authorization: Bearer wrong',
      'connection: close',
      '',
      '',
    ])
    expect(text).toMatch(/^HTTP\/1\.1 401 /)
    expect(text).toContain('"message":"Unauthorized","reason":"Unauthorized","code":401')
  })

  test('that smuggle a request into a body get nowhere', async () => {
    const text = await raw(
      [
        'POST /api/v1/namespaces/default/configmaps HTTP/1.1',
        'host: x',
        'content-length: 4',
        'transfer-encoding: chunked',
        'connection: close',
        '',
        '0',
        '',
        'GET /api/v1/secrets HTTP/1.1',
        'host: x',
        '',
        '',
      ],
      true,
    )
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  test('that flood with headers are cut off', async () => {
    const flood = Array.from({ length: 5000 }, (_, i) => `x-${i}: ${'y'.repeat(40)}`)
    const text = await raw(['GET /version HTTP/1.1', 'host: x', ...flood, '', ''], true).catch(
      (error: Error) => error.message,
    )
    expect(text).not.toContain('gitVersion')
    expect((await cluster.get('/readyz')).status).toBe(200)
  })
})
