import { expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'

const minutes = 60_000

test('every lesson holds: it begins unsolved, is solved, knows its wrong turns, can be reset', {
  timeout: 25 * minutes,
}, async () => {
  await using daemon = await startDaemon()
  const proof = await daemon.manufacture('lesson', 'test')
  expect(proof.stdout).not.toContain('✗')
  expect(proof.exitCode, proof.stdout + proof.stderr).toBe(0)
  expect(proof.stdout).toMatch(/✓ docker\.three-doors/)
})
