import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestEngine, testEngine } from '../testing/test-engine.ts'

let house: TestEngine
beforeAll(async () => {
  house = await testEngine()
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
}, 60_000)

test('an empty volume gets what the image has at its place, unless nocopy', async () => {
  const copied = await house.run(['cat', '/data/seed'], { hostConfig: { Binds: ['seeded:/data'], AutoRemove: true } })
  expect(copied.stdout).toBe('from the image\n')
  const bare = await house.run(['ls', '/data'], { hostConfig: { Binds: ['bare:/data:nocopy'], AutoRemove: true } })
  expect(bare.stdout).toBe('')
})

test('a volume in use is not removed, an anonymous one goes with its container', async () => {
  const { volumes, containers } = house.engine
  const { Id } = await containers.create({
    config: { Image: 'tools', Cmd: ['true'], Volumes: { '/anon': {} } },
    hostConfig: { NetworkMode: 'none', Binds: ['held:/held'] },
  })
  await expect(volumes.remove('held')).rejects.toMatchObject({
    kind: 'conflict',
    message: `remove held: volume is in use - [${Id}]`,
  })
  const anonymous = (await containers.inspect(Id)).Mounts.find(({ Destination }) => Destination === '/anon')?.Name ?? ''
  expect((await volumes.inspect(anonymous)).Labels).toEqual({ 'com.docker.volume.anonymous': '' })
  await containers.remove(Id, { volumes: true })
  await expect(volumes.inspect(anonymous)).rejects.toThrow(`get ${anonymous}: no such volume`)
  await volumes.remove('held')
})

test.each([
  [{ Name: 'b@d' }, /^create b@d: "b@d" includes invalid characters for a local volume name/],
  [{ Name: 'opts', DriverOpts: { colour: 'red' } }, /^create opts: invalid option: "colour"$/],
  [{ Name: 'opts', DriverOpts: { type: 'tmpfs' } }, /^create opts: missing required option: "device"$/],
])('%j is refused in Docker’s words', async (request, message) => {
  await expect(house.engine.volumes.create(request)).rejects.toThrow(message)
})

test('a tmpfs volume is mounted for whoever uses it', async () => {
  await house.engine.volumes.create({ Name: 'ram', DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' } })
  const { stdout } = await house.run(['grep', ' /ram ', '/proc/mounts'], {
    hostConfig: { Binds: ['ram:/ram'], AutoRemove: true },
  })
  expect(stdout).toMatch(/^tmpfs \/ram tmpfs rw,.*size=1024k/)
  await house.engine.volumes.remove('ram')
})

test('prune takes what has no name and no user; all takes named ones too', async () => {
  const { volumes } = house.engine
  await volumes.create({ Name: 'named' })
  const { Name } = await volumes.create({})
  expect((await volumes.prune()).VolumesDeleted).toEqual([Name])
  expect((await volumes.prune({ all: ['true'], label: ['none'] })).VolumesDeleted).toEqual([])
  expect((await volumes.prune({ all: ['true'] })).VolumesDeleted).toContain('named')
})

test('files go in and out of a container that does not run, its volumes included', async () => {
  const { containers } = house.engine
  const { Id } = await containers.create({
    config: { Image: 'tools', Cmd: ['cat', '/data/seed'] },
    hostConfig: { NetworkMode: 'none', Binds: ['cp:/data'] },
  })
  const { stat, tar } = await containers.getArchive(Id, '/data/seed')
  expect(stat).toMatchObject({ name: 'seed', size: 15, linkTarget: '' })
  // Read to its end first: a stopped container's files are held as long as somebody reads them.
  await containers.putArchive(Id, '/tmp', Readable.from([await buffer(tar)]))
  expect(await containers.changes(Id)).toEqual(
    expect.arrayContaining([
      { Path: '/tmp', Kind: 0 },
      { Path: '/tmp/seed', Kind: 1 },
    ]),
  )
  expect(await containers.statPath(Id, '/link')).toMatchObject({ name: 'link', linkTarget: '/etc/passwd' })
  await expect(containers.statPath(Id, '/nowhere')).rejects.toMatchObject({
    kind: 'notFound',
    message: `Could not find the file /nowhere in container ${Id}`,
  })
  await containers.remove(Id)
})
