import { expect, test } from 'vitest'
import type { Engine } from '../../engine/index.ts'
import answers from '../generated/answers.json' with { type: 'json' }
import { Router } from '../http/router.ts'
import { routes } from './index.ts'

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const router = new Router(routes({ engine: {} as Engine, log, version: '1.2.3' }))

test.each(Object.keys(answers.operations))('%s has a route', (operation) => {
  const [method = '', path = ''] = operation.split(' ')
  const found = router.find(method, path.replace(/\{\w+\}/g, 'x'))
  expect(found?.route.pattern).toBe(path)
})

test('names in paths reach their handler', () => {
  expect(router.find('GET', '/images/a/b/c:d/json')?.params).toEqual({ name: 'a/b/c:d' })
  expect(router.find('GET', '/containers/json/json')?.params).toEqual({ id: 'json' })
  expect(router.find('GET', '/containers/x/attach/ws')?.route.pattern).toBe('/containers/{id}/attach/ws')
  expect(router.find('PATCH', '/containers/json')).toBeUndefined()
})

test('finding a route takes microseconds', () => {
  const start = performance.now()
  for (let count = 0; count < 10_000; count++) router.find('POST', '/containers/0123456789abcdef/rename')
  expect((performance.now() - start) / 10_000).toBeLessThan(0.05)
})
