import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDaemon, type TestDaemon } from '../support/daemon.ts'

let daemon: TestDaemon
let browser: Browser

beforeAll(async () => {
  daemon = await startDaemon(['--no-kubernetes'])
  await daemon.ok('pull', 'python:3.9')
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  })
}, 600_000)

afterAll(async () => {
  await browser.close()
  await daemon[Symbol.asyncDispose]()
})

async function open(locale: string): Promise<Page> {
  const context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(daemon.status.addresses.workshop ?? '')
  return page
}

/** Types a line into the terminal, as a learner does. */
async function type(page: Page, line: string): Promise<void> {
  await page.locator('.xterm-host:visible .xterm-helper-textarea').focus()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

async function openLesson(page: Page, title: RegExp): Promise<void> {
  await page.locator('header.top button').first().click()
  await page.getByRole('button', { name: title }).first().click()
  await page.locator('.lesson h1').filter({ hasText: title }).waitFor({ timeout: 120_000 })
  await page.locator('.banner.busy').waitFor({ state: 'detached', timeout: 120_000 })
}

describe.each([
  ['fr-FR', /Trois portes/, 'Beaucoup de gens disent'],
  ['en-GB', /Three doors/, 'Many people say'],
])('the page in %s', (locale, title, sentence) => {
  test('three doors: typed, seen wrong, solved, undone, reset', { timeout: 240_000 }, async () => {
    const page = await open(locale)
    await openLesson(page, title)
    expect(await page.locator('.lesson').textContent()).toContain(sentence)
    // Reset first: the other language has done this lesson before.
    await page.locator('header.top button', { hasText: '⟲' }).click()
    await page.locator('dialog[open] button.main').click()
    await expect.poll(async () => await page.locator('.task.done').count(), { timeout: 60_000 }).toBe(0)
    await page.locator('.banner.busy').waitFor({ state: 'detached', timeout: 60_000 })

    await type(page, `cd ${daemon.state}/workshop/files/docker.three-doors && docker run -d --name api super_api`)
    await page.locator('.task.done').first().waitFor({ timeout: 60_000 })
    await page.locator('.container.running', { hasText: 'api' }).first().waitFor()

    const status = page.locator('.task').nth(3).locator('.status')
    await expect.poll(async () => await status.textContent(), { timeout: 20_000 }).toMatch(/-p/)

    await type(page, 'curl localhost:5000; docker run -d --name api2 -p 0:5000 super_api')
    await page.locator('.task').nth(1).and(page.locator('.done')).waitFor({ timeout: 60_000 })

    await page.reload()
    await page.locator('.lesson h1').filter({ hasText: title }).waitFor({ timeout: 60_000 })
    expect(await page.locator('.task.done').count()).toBe(2)

    await page.locator('header.top button', { hasText: '↶' }).click()
    await expect.poll(async () => await page.locator('.task.done').count(), { timeout: 60_000 }).toBe(1)
    await page.context().close()
  })

  test('axe finds nothing to say', { timeout: 120_000 }, async () => {
    const page = await open(locale)
    await page.locator('.lesson h1').waitFor({ timeout: 120_000 })
    await page.locator('.xterm-host:visible').waitFor({ timeout: 60_000 })
    const { violations } = await new AxeBuilder({ page }).exclude('.xterm').analyze()
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`)).toEqual([])
    await page.context().close()
  })
})

test('the language changes at any moment and nothing is lost', { timeout: 120_000 }, async () => {
  const page = await open('fr-FR')
  await page.locator('.lesson h1').waitFor({ timeout: 120_000 })
  const french = await page.locator('.lesson h1').textContent()
  await page.locator('.languages button[lang="en"]').click()
  await expect.poll(async () => await page.locator('.lesson h1').textContent()).not.toBe(french)
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  await page.context().close()
})

test('the keyboard is enough: F6 goes round the panes, Shift+Tab leaves the terminal, ? helps', {
  timeout: 120_000,
}, async () => {
  const page = await open('en-GB')
  await page.locator('.xterm-host:visible .xterm-helper-textarea').waitFor({ state: 'attached', timeout: 120_000 })
  await page.locator('.xterm-host:visible .xterm-helper-textarea').focus()
  await page.keyboard.press('Shift+Tab')
  expect(await page.evaluate(() => document.activeElement?.closest('.xterm') === null)).toBe(true)
  const panes = new Set<string>()
  for (let n = 0; n < 3; n++) {
    await page.keyboard.press('F6')
    panes.add(await page.evaluate(() => document.activeElement?.closest('[data-pane]')?.className ?? ''))
  }
  expect(panes.size).toBe(3)
  await page.keyboard.press('F1')
  await page.locator('dialog[open]', { hasText: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  expect(await page.locator('dialog[open]').count()).toBe(0)
  await page.context().close()
})
