import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filters, jsonLines } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')

describe('list and inspect', () => {
  test('an image is shown by name, by id and by the beginning of its id', async () => {
    const shown = await api.get('/images/busybox/json')
    expect(shown.json).toMatchObject({ RepoTags: ['busybox:latest'], Os: 'linux', RootFS: { Type: 'layers' } })
    const short = shown.json.Id.slice('sha256:'.length, 'sha256:'.length + 12)
    for (const name of ['busybox:latest', 'docker.io/library/busybox', shown.json.Id, short]) {
      expect((await api.get(`/images/${name}/json`)).json.Id, name).toBe(shown.json.Id)
    }
    const [summary] = (await api.get('/images/json')).json
    expect(summary).toMatchObject({ Id: shown.json.Id, RepoTags: ['busybox:latest'], Containers: 0 })
  })

  test.each(['1.24', '1.43', '1.44', '1.49', '1.50', '1.51'])('an image in the shape of %s', async (version) => {
    const { json } = await api.get('/images/busybox/json', { version })
    expect('VirtualSize' in json).toBe(version < '1.44')
    expect('ContainerConfig' in json).toBe(version < '1.45')
    expect('Hostname' in json.Config).toBe(version < '1.50')
    expect('Entrypoint' in json.Config).toBe(true)
    const [summary] = (await api.get('/images/json', { version })).json
    expect('VirtualSize' in summary).toBe(version < '1.44')
  })

  test('filters', async () => {
    await api.docker('tag', 'busybox', 'other/name:1')
    const tags = async (wanted: Record<string, string[]>) =>
      ((await api.get(`/images/json?${filters(wanted)}`)).json as { RepoTags: string[] }[]).flatMap(
        (each) => each.RepoTags,
      )
    expect(await tags({ reference: ['other/*'] })).toContain('other/name:1')
    expect(await tags({ reference: ['nosuch'] })).toEqual([])
    expect(await tags({ dangling: ['true'] })).toEqual([])
    await api.docker('rmi', 'other/name:1')
  })

  test('history tells the layers', async () => {
    const history = await api.get('/images/busybox/history')
    expect(history.json[0]).toMatchObject({ Tags: ['busybox:latest'], Size: expect.any(Number) })
  })
})

describe('tag and remove', () => {
  test('the last name takes the image with it', async () => {
    expect((await api.post('/images/busybox/tag?repo=mine&tag=1')).status).toBe(201)
    expect((await api.delete('/images/mine:1')).json).toEqual([{ Untagged: 'mine:1' }])
    const gone = await api.delete('/images/mine:1')
    expect([gone.status, gone.json.message]).toEqual([404, 'No such image: mine:1'])
  })

  test('a name that is none is refused', async () => {
    const answer = await api.post('/images/busybox/tag?repo=UPPER')
    expect([answer.status, answer.json.message]).toEqual([
      400,
      'invalid reference format: repository name (library/UPPER) must be lowercase',
    ])
  })

  test('an image in use is not removed by its id', async () => {
    await api.docker('create', '--name', 'user', 'busybox')
    const refused = await api.delete('/images/busybox')
    expect(refused.status).toBe(409)
    expect(refused.json.message).toMatch(
      /^conflict: unable to remove repository reference "busybox" \(must force\) - container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}$/,
    )
    await api.docker('rm', 'user')
  })
})

describe('pull', () => {
  test('draws progress, and what is there is up to date', async () => {
    const again = await api.post('/images/create?fromImage=busybox&tag=latest')
    expect(again.status).toBe(200)
    const lines = jsonLines(again.text)
    expect(lines.at(-1).status).toMatch(/^Status: Image is up to date for busybox:latest/)
  })

  test('a name that is nowhere is told before the stream begins', async () => {
    const answer = await api.post('/images/create?fromImage=nosuch-image&tag=1')
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.json.message).toContain('nosuch-image')
    const invalid = await api.post('/images/create?fromImage=UPPER&tag=1')
    expect([invalid.status, invalid.json.message]).toEqual([
      400,
      'invalid reference format: repository name (library/UPPER) must be lowercase',
    ])
  })
})

describe('save and load', () => {
  test('an image comes back as it went', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'save-'))
    try {
      const before = (await api.get('/images/busybox/json')).json
      await api.docker('save', '-o', join(folder, 'image.tar'), 'busybox')
      await api.docker('rmi', 'busybox')
      expect(await api.docker('load', '-i', join(folder, 'image.tar'))).toBe('Loaded image: busybox:latest')
      const after = (await api.get('/images/busybox/json')).json
      expect([after.Id, after.RootFS]).toEqual([before.Id, before.RootFS])
      expect(await api.docker('run', '--rm', 'busybox', 'echo', 'hello')).toBe('hello')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('what is no archive is refused in the stream', async () => {
    const answer = await api.post('/images/load', undefined, { raw: 'no tar' })
    expect(answer.status).toBe(200)
    expect(jsonLines(answer.text).at(-1).errorDetail.message).not.toBe('')
  })

  test('an image that is not there is not saved', async () => {
    const answer = await api.get('/images/get?names=nosuch')
    expect([answer.status, answer.json.message]).toEqual([404, 'No such image: nosuch:latest'])
  })
})

test('prune leaves what has a name', async () => {
  const pruned = await api.post('/images/prune')
  expect(pruned.json).toMatchObject({ SpaceReclaimed: 0 })
  expect((await api.get('/images/busybox/json')).status).toBe(200)
})
