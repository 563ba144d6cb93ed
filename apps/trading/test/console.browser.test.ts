import { beforeAll, describe, expect, it } from 'vitest'

import { Client, credentials } from './support/client.ts'
import { faintTexts, goTo, openPage, overflow, type Page, setUp, useBrowser } from './support/page.ts'
import { type RunningServer, startServer, temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

useBrowser()

let server: RunningServer
let page: Page
let errors: string[]

beforeAll(async () => {
  const directory = await temporaryDirectory()
  server = await startServer({ directory, args: ['--instruments', await smallMaster(directory)] })
  ;({ page, errors } = await openPage(server.address))
  await setUp(page)
  await page.getByText('The broker is connected').waitFor()
})

async function openConsole(tab: string): Promise<void> {
  await goTo(page, 'Caches')
  await page
    .getByRole('navigation', { name: 'Parts of the console' })
    .getByRole('link', { name: tab })
    .click()
}

describe('the cache console', () => {
  it('draws what was measured, of all caches and of one', async () => {
    await goTo(page, 'Caches')
    await page.locator('.chart canvas').first().waitFor()
    expect(await page.locator('.chart').count()).toBe(5)
    await page.getByRole('link', { name: 'sessions', exact: true }).click()
    await page.getByRole('heading', { name: 'sessions over time' }).waitFor()
    await page.getByLabel('Figures of sessions').getByText('From memory').waitFor()
    await page.locator('.chart canvas').first().waitFor()
    await page.getByRole('radio', { name: 'A day' }).check()
    await page.getByText('comes five minutes after the start').waitFor()
    expect(errors).toEqual([])
  })

  it('clears a cache, and a domain after a question', async () => {
    await goTo(page, 'Caches')
    await page.getByRole('button', { name: 'Clear users' }).click()
    await page.getByText('“users” is empty').waitFor()
    await page.getByRole('button', { name: 'Clear all of Market' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Clear them' }).click()
    await page.getByText('The caches of “market” are empty').waitFor()
    expect(errors).toEqual([])
  })

  it('finds an entry and makes it unreadable, and hides what is secret', async () => {
    await openConsole('Entries')
    await page.getByLabel('Cache', { exact: true }).selectOption('users')
    await page.getByRole('radio', { name: 'Pattern' }).check()
    await page.getByRole('searchbox', { name: 'Pattern' }).fill('*')
    await page.keyboard.press('Enter')
    await page.getByText("name: 'asha'").waitFor()
    await page.getByRole('button', { name: 'Invalidate 1' }).click()
    await page.getByText('The entry is gone from “users”').waitFor()

    await page.getByLabel('Cache', { exact: true }).selectOption('auth')
    await page.getByText('holds secrets').waitFor()
    await page.getByRole('radio', { name: 'Key', exact: true }).check()
    await page.getByRole('searchbox', { name: 'Key' }).fill('1')
    await page.keyboard.press('Enter')
    await page.getByText('its key and value are not shown').waitFor()
    expect(await page.locator('.value').count()).toBe(0)
    await page.getByRole('radio', { name: 'Pattern' }).check()
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await page.getByText('are hashed; look for a whole key').waitFor()
    await page.getByRole('textbox', { name: 'Tag', exact: true }).fill('user:1')
    await page.locator('.inline-form').getByRole('button', { name: 'Invalidate' }).click()
    await page.getByText('Entries tagged “user:1” are gone').waitFor()
    // The browser reports the refusal as well.
    expect(errors.splice(0)).toHaveLength(1)
  })

  it('shows invalidations as they happen, and holds still when asked to', async () => {
    await openConsole('Live')
    await page.getByText('Live, instance-1').waitFor()
    const other = new Client(server.address)
    await other.signIn()
    await other.post('/web/caches/invalidate', { tag: 'user:77' })
    await page.getByText('user:77').first().waitFor()
    await page.getByRole('button', { name: 'Hold' }).click()
    await other.post('/web/caches/invalidate', { tag: 'user:78' })
    await other.post('/web/caches/invalidate', { tag: 'user:79' })
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('user:79').first().waitFor()
    await page.getByRole('radio', { name: 'Troubles' }).check()
    await page.getByText('Nothing happened yet').waitFor()
    expect(errors).toEqual([])
  })

  it('rotates the keys while the page stays signed in', async () => {
    await openConsole('Keys')
    await page.getByRole('button', { name: 'Rotate keys' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
    await page.getByText('Every sensitive entry is sealed with the new key').waitFor()
    await expect.poll(() => page.getByText('decrypt-only', { exact: true }).count()).toBe(1)
    await openConsole('Audit trail')
    await page.getByRole('radio', { name: 'Invalidations' }).check()
    const rotated = page.getByRole('row').filter({ hasText: 'rotate' }).first()
    await rotated.getByRole('cell', { name: `console/${credentials.name}` }).waitFor()
    await goTo(page, 'Orders')
    await page.getByRole('heading', { level: 1, name: 'Orders' }).waitFor()
  })

  it('never has a secret in the page', async () => {
    const client = new Client(server.address)
    await client.signIn()
    const cookies = await page.context().cookies()
    const secrets = cookies.map(({ value }) => value.split('.')[0] ?? '').filter((text) => text.length > 10)
    const key = await client.makeApiKey()
    const { strategies } = (await client.get('/web/strategies')).body
    expect(strategies).toEqual([])
    secrets.push(key)
    for (const tab of ['Overview', 'Entries', 'Live', 'Keys', 'Audit trail']) {
      await openConsole(tab)
      await page.getByRole('heading', { level: 1, name: 'Caches' }).waitFor()
      const text = await page.content()
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
    expect(secrets.length).toBeGreaterThan(1)
  })
})

describe('every part of every page', () => {
  const places = [
    '/',
    '/?s=NSE_INDEX:NIFTY',
    '/options',
    '/orders',
    '/orders?view=trades',
    '/positions',
    '/positions?view=holdings',
    '/strategies',
    '/strategies?view=workflows',
    '/connections',
    '/settings',
    '/settings?view=telegram',
    '/settings?view=app',
    '/settings?view=calendar',
    '/settings?view=freeze',
    '/caches',
    '/caches?view=entries',
    '/caches?view=live',
    '/caches?view=keys',
    '/caches?view=audit',
    '/nothing',
  ]

  it('fits a window of 390 pixels', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const place of places) {
      await page.goto(server.address + place)
      await page.locator('main h1, main h2').first().waitFor({ state: 'attached' })
      await expect.poll(() => page.locator('.loading').count()).toBe(0)
      expect([place, (await overflow(page)) <= 0]).toEqual([place, true])
    }
    expect(errors.filter((text) => !text.includes('404'))).toEqual([])
  })

  it.each(['light', 'dark'] as const)('has contrast in %s colours', async (colorScheme) => {
    await page.setViewportSize({ width: 1280, height: 860 })
    await page.emulateMedia({ colorScheme })
    for (const place of places) {
      await page.goto(server.address + place)
      await page.locator('main h1, main h2').first().waitFor({ state: 'attached' })
      await expect.poll(() => page.locator('.loading').count()).toBe(0)
      expect([place, await faintTexts(page)]).toEqual([place, []])
    }
  })

  it('is reached with the keyboard: past the navigation, into and out of the menu of a small screen', async () => {
    await page.setViewportSize({ width: 1280, height: 860 })
    await page.goto(`${server.address}/orders`)
    await page.getByRole('heading', { level: 1, name: 'Orders' }).waitFor()
    await page.keyboard.press('Tab')
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent')
    expect(await focused()).toBe('Skip to content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Order book')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('Trades')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('Order book')
    await page.setViewportSize({ width: 390, height: 844 })
    const more = page.getByRole('button', { name: 'More', exact: true })
    await more.focus()
    await page.keyboard.press('Enter')
    expect(await more.getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Strategies')
    await page.keyboard.press('Escape')
    expect(await more.getAttribute('aria-expanded')).toBe('false')
    expect(await focused()).toBe('More')
  })
})
