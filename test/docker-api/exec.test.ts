import { beforeAll, expect, test } from 'vitest'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')
let id: string

beforeAll(async () => {
  id = await api.start({ Cmd: ['sleep', '3600'] }, 'host')
})

test('docker exec gives output, input and exit code', async () => {
  expect(await api.docker('exec', 'host', 'echo', 'hello')).toBe('hello')
  const finished = await api.daemon.dockerWith({ input: 'one\ntwo\n' }, 'exec', '-i', 'host', 'wc', '-l')
  expect(finished.stdout.trim()).toBe('2')
  const failed = await api.daemon.docker('exec', 'host', 'sh', '-c', 'echo wrong >&2; exit 7')
  expect(failed).toMatchObject({ exitCode: 7, stderr: 'wrong\n' })
})

test('environment, folder and user are those asked for', async () => {
  const output = await api.docker(
    'exec',
    '-e',
    'A=1',
    '-w',
    '/tmp',
    '-u',
    '1000',
    'host',
    'sh',
    '-c',
    'echo $A $PWD $(id -u)',
  )
  expect(output).toBe('1 /tmp 1000')
})

test('an exec is shown before, during and after', async () => {
  const created = await api.post(`/containers/${id}/exec`, { Cmd: ['sh', '-c', 'sleep 0.3; exit 5'] })
  expect(created.status).toBe(201)
  const show = async () => (await api.get(`/exec/${created.json.Id}/json`)).json
  expect(await show()).toMatchObject({ Running: false, ExitCode: null, ContainerID: id })
  const started = await api.post(`/exec/${created.json.Id}/start`, { Detach: true })
  expect([started.status, started.text]).toEqual([200, ''])
  expect(await show()).toMatchObject({
    Running: true,
    ProcessConfig: { entrypoint: 'sh', arguments: ['-c', 'sleep 0.3; exit 5'] },
  })
  while ((await show()).Running);
  expect(await show()).toMatchObject({ Running: false, ExitCode: 5 })
  const again = await api.post(`/exec/${created.json.Id}/start`, { Detach: true })
  expect([again.status, again.json.message]).toEqual([409, `exec command ${created.json.Id} has already run`])
})

test('a program that is not there says so and is 127', async () => {
  const missing = await api.daemon.docker('exec', 'host', 'nosuch')
  expect(missing.exitCode).toBe(127)
  expect(missing.stdout + missing.stderr).toContain('exec: "nosuch": executable file not found in $PATH')
})

test('an exec needs a command and a running container', async () => {
  const empty = await api.post(`/containers/${id}/exec`, {})
  expect([empty.status, empty.json.message]).toEqual([400, 'No exec command specified'])
  await api.docker('create', '--name', 'idle', 'busybox')
  const idle = await api.post('/containers/idle/exec', { Cmd: ['true'] })
  expect(idle.status).toBe(409)
  expect(idle.json.message).toMatch(/^container [0-9a-f]{64} is not running$/)
})

test('the size of a terminal may come with the start', async () => {
  const created = await api.post(`/containers/${id}/exec`, { Cmd: ['stty', 'size'], Tty: true, AttachStdout: true })
  const started = await api.post(`/exec/${created.json.Id}/start`, { Tty: true, ConsoleSize: [33, 111] })
  expect(started.text).toBe('33 111\r\n')
})
