import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Violation {
  from: string
  rule: { name: string }
}

test('the linter finds each arrow that the rooms do not allow', () => {
  const { stdout } = spawnSync(
    `${root}node_modules/.bin/depcruise`,
    ['src', '--config', `${root}.dependency-cruiser.cjs`, '--output-type', 'json', '--no-progress'],
    { cwd: `${root}test/fixtures/rooms`, encoding: 'utf8' },
  )
  const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[] } }
  const found = summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`).sort()
  expect(found).toEqual([
    'arrow-docker-api: src/docker-api/jumps-over-the-engine.ts',
    'arrow-engine: src/engine/by-the-window.ts',
    'pure-rooms: src/kube/api/touches-the-disk.ts',
  ])
})
