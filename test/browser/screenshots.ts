// npm run screenshots: the pictures of the README, from the running product.
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { startDaemon } from '../support/daemon.ts'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))

const lines = [
  'docker run -d --name api super_api',
  'curl localhost:5000',
  'docker run -d --name api2 -p 8000:5000 super_api',
  'curl localhost:8000; echo; docker ps --format "{{.Names}}  {{.Ports}}"',
]

async function type(page: Page, line: string): Promise<void> {
  await page.locator('.xterm-host:visible .xterm-helper-textarea').focus()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
  await page.waitForTimeout(3_000)
}

await using daemon = await startDaemon(['--no-kubernetes'])
await daemon.ok('pull', 'python:3.9')
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
})
for (const [locale, title, file, colorScheme] of [
  ['fr-FR', /Trois portes/, 'page-fr.png', 'light'],
  ['en-GB', /Three doors/, 'page-en.png', 'dark'],
] as const) {
  const context = await browser.newContext({ locale, colorScheme, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(daemon.status.addresses.workshop ?? '')
  await page.locator('header.top button').first().click()
  await page.getByRole('button', { name: title }).first().click()
  await page.locator('.lesson h1').filter({ hasText: title }).waitFor({ timeout: 120_000 })
  await page.locator('header.top button', { hasText: '⟲' }).click()
  await page.locator('dialog[open] button.main').click()
  await page.locator('.banner.busy').waitFor({ timeout: 20_000 })
  await page.locator('.banner.busy').waitFor({ state: 'detached', timeout: 120_000 })
  await page.waitForTimeout(1_500)
  for (const line of lines) await type(page, line)
  await page.locator('.task.done').last().scrollIntoViewIfNeeded()
  await page.screenshot({ path: `${folder}${file}` })
  await context.close()
}
await browser.close()
