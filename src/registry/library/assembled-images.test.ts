import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseNormalizedName } from '../../oci/index.ts'
import { openImageTransfer } from '../client/image-transfer.ts'
import { quietLog, testContent, testFolder } from '../test-content.ts'
import { openLibrary } from './library.ts'
import { runNamespaced } from './namespaced-process.ts'

/** What each image must be able to do inside; minutes of work, so only where MANUFACTURE_TEST_LIBRARY asks for it. */
const checks: Readonly<Record<string, string>> = {
  'debian:bullseye': 'grep -q bullseye /etc/os-release && apt-get --version',
  'debian:bookworm': 'grep -q bookworm /etc/os-release && bash --version',
  'debian:trixie': 'grep -q trixie /etc/os-release && bash --version',
  'python:3.9': 'python --version && python3 --version && pip install fastapi uvicorn && uvicorn --version',
  'python:3.11': 'python --version && pip install fastapi uvicorn && uvicorn --version',
  'python:3.13': 'python --version && pip install fastapi uvicorn && uvicorn --version',
  'node:20': 'node --version && npm --version && id node',
  'node:24': 'node --version && npm --version && id node',
  nginx: 'nginx -v && test -f /usr/share/nginx/html/index.html && test -x /docker-entrypoint.sh',
  redis: 'redis-server --version && test -d /data',
  httpd: 'httpd -v && httpd -t && test -f /usr/local/apache2/htdocs/index.html',
}

describe.runIf(process.env.MANUFACTURE_TEST_LIBRARY)('assembled from the Debian archive', () => {
  test.each(Object.entries(checks))('%s does what its name says', { timeout: 900_000 }, async (name, check) => {
    await using folder = await testFolder()
    const dir =
      process.env.MANUFACTURE_TEST_LIBRARY === '1'
        ? join(folder.path, 'library')
        : String(process.env.MANUFACTURE_TEST_LIBRARY)
    await using library = await openLibrary({ dir, log: quietLog() })
    await using target = await testContent()
    const configuration = { endpoints: { 'docker.io': 'http://127.0.0.1:1' } }
    using transfer = openImageTransfer({ content: target.content, log: quietLog(), library, configuration })
    const { image } = await transfer.pull(parseNormalizedName(name))
    const total = target.content.layers.chain(image.chainId ?? image.id).reduce((sum, layer) => sum + layer.size, 0)
    expect(total).toBeLessThan(240e6)
    const merged = join(folder.path, 'merged')
    const [upper, work] = [join(folder.path, 'upper'), join(folder.path, 'work')]
    for (const one of [merged, upper, work]) await mkdir(one)
    await runNamespaced({
      command: [
        'sh',
        '-c',
        'mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK" "$MERGED" && mount -t proc proc "$MERGED/proc" && exec chroot "$MERGED" sh -c "$CHECK"',
      ],
      env: {
        LOWER: target.content.layers.lowerdirs(image.chainId).join(':'),
        MERGED: merged,
        UPPER: upper,
        WORK: work,
        CHECK: check,
        PATH: '/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      },
    })
    await rmdir(merged)
  })
})
