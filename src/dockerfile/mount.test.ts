import { describe, expect, it } from 'vitest'
import { parseMount } from './index.ts'

const parse = (text: string) => parseMount(text, (word) => word)

describe('parseMount', () => {
  it.each([
    ['target=/a', { type: 'bind', target: '/a', readOnly: true }],
    [
      'type=cache,target=/a,id=x,sharing=locked,mode=0700,uid=1,gid=2',
      { type: 'cache', id: 'x', sharing: 'locked', mode: 0o700, uid: 1, gid: 2, readOnly: false },
    ],
    ['type=tmpfs,dst=/a,size=1.5m', { type: 'tmpfs', sizeBytes: 1_572_864 }],
    ['type=secret,id=t,required', { type: 'secret', id: 't', required: true }],
    ['type=bind,src=/x,target=/y,rw', { source: '/x', readOnly: false }],
    ['"type=bind","target=/a,b"', { target: '/a,b' }],
  ])('%s', (text, expected) => {
    expect(parse(text)).toMatchObject(expected)
  })

  it.each([
    ['type=cahce,target=/a', 'unsupported mount type "cahce" (did you mean cache?)'],
    ['type=bind,targt=/a', "unexpected key 'targt' in 'targt=/a' (did you mean target?)"],
    ['type=bind,size=1', "unexpected key 'size' for mount type 'bind'"],
    ['type=bind,target=/a,mode=0777', 'mode not allowed for "bind" type mounts'],
    ['type=secret', 'invalid secret mount. one of source, target required'],
    ['type=secret,id=a,from=b', 'secret mount should not have a from'],
    ['type=bind,target=/a,sharing=locked', 'invalid cache sharing set for bind mount'],
    ['type=cache,target=/a,mode=9', 'invalid value 9 for mode'],
    ['type=bind,foo', "invalid field 'foo' must be a key=value pair"],
    ['type="bind', 'failed to parse csv mounts: parse error on line 1, column 6: bare " in non-quoted field'],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'DockerfileError', message }))
  })
})
