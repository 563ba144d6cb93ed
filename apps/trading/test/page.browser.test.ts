import { type OpenBrowser, openBrowser } from '@cache/tooling-browser'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { credentials } from './support/client.ts'
import { startServer, temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

type Page = Awaited<ReturnType<OpenBrowser['context']['newPage']>>

/** On a machine without Chromium it is installed first, which takes minutes. */
const installingMs = 900_000

let browser: OpenBrowser

beforeAll(async () => {
  browser = await openBrowser()
}, installingMs)

afterAll(async () => {
  // Undefined when it could not be opened, which has failed the tests by then.
  await (browser as OpenBrowser | undefined)?.close()
})

/** A page whose errors fail the test. */
async function openPage(address: string): Promise<{ readonly page: Page; readonly errors: string[] }> {
  const page = await browser.context.newPage()
  page.setDefaultTimeout(20_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(address)
  return { page, errors }
}

async function setUp(page: Page): Promise<void> {
  await page.getByLabel('Name').fill(credentials.name)
  await page.getByLabel('Password').fill(credentials.password)
  await page.getByRole('button', { name: 'Create and sign in' }).click()
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
}

/** Whether anything is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
}

describe('the page', () => {
  it('takes a newcomer from the first start to a position, and is as before after a restart', async () => {
    const directory = await temporaryDirectory()
    const server = await startServer({ directory })
    const { page, errors } = await openPage(server.address)
    await setUp(page)
    await page.getByRole('button', { name: 'Download' }).click()
    await page.getByRole('combobox', { name: 'Search instruments' }).fill('nifty 25000 ce')
    await page
      .getByRole('option', { name: /^NIFTY\d+.*25000CE/ })
      .first()
      .waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId('ltp').waitFor()
    const symbol = (await page.locator('.quote-symbol').textContent()) ?? ''
    expect(symbol).toMatch(/^NIFTY.*25000CE$/)
    await page.getByRole('button', { name: `Buy 75 ${symbol}` }).click()
    await page.getByText(/is complete at/).waitFor()
    await page.getByRole('link', { name: 'See positions' }).click()
    await page.getByRole('cell', { name: '+75' }).waitFor()
    expect(errors).toEqual([])
    await server.stop()

    const { port } = new URL(server.address)
    const again = await startServer({ directory, args: ['--port', port] })
    await page.goto(`${again.address}/positions`)
    await page.getByRole('cell', { name: '+75' }).waitFor()
    expect(await page.getByText(symbol).isVisible()).toBe(true)
    await page.getByRole('link', { name: 'Exit' }).click()
    await page.getByRole('button', { name: `Sell 75 ${symbol}` }).click()
    await page.getByText(/is complete at/).waitFor()
    await page.close()
  })
})

describe('the page of an app in use', () => {
  let page: Page

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    const server = await startServer({ directory, args: ['--instruments', await smallMaster(directory)] })
    page = (await openPage(server.address)).page
    await setUp(page)
    await page.getByText('The broker is connected').waitFor()
  })

  beforeEach(async () => {
    await page.getByRole('link', { name: 'Trade', exact: true }).click()
  })

  it('moves prices by itself, and says clearly why an order is rejected', async () => {
    await page.getByRole('combobox', { name: 'Search instruments' }).fill('banknifty fut')
    await page
      .getByRole('option', { name: /^BANKNIFTY/ })
      .first()
      .click()
    const price = page.getByTestId('ltp')
    const first = await price.textContent()
    await expect.poll(() => price.textContent(), { timeout: 10_000 }).not.toBe(first)
    await page.getByLabel('Quantity').fill('7')
    await page.getByRole('button', { name: /^Buy/ }).click()
    await page.getByText('Quantity 7 is not a multiple of the lot size').waitFor()
    await page.getByLabel('Quantity').fill('')
    await page.getByRole('button', { name: /^Buy/ }).click()
    await page.getByText('Missing data for required field').waitFor()
  })

  it('fits a narrow window in every view, keeps to the keyboard, and remembers the theme', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const view of ['Orders', 'Positions', 'Connections', 'Caches', 'Trade']) {
      await page.getByRole('link', { name: view, exact: true }).click()
      await page.getByRole('heading', { level: 1, name: view }).waitFor({ state: 'attached' })
      expect(await overflow(page)).toBeLessThanOrEqual(0)
    }
    await page.keyboard.press('Escape')
    await page.locator('h1').first().evaluate('document.activeElement?.blur()')
    await page.keyboard.press('/')
    await page.keyboard.type('gold')
    await page.getByRole('option').nth(1).waitFor({ state: 'attached' })
    await page.getByRole('button', { name: /^Theme: system/ }).click()
    await page.getByRole('button', { name: /^Theme: light/ }).click()
    await page.getByRole('button', { name: /^Theme: dark/ }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: /^Theme: dark/ }).waitFor()
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
  })

  it('makes and revokes an API key, and clears a cache', async () => {
    await page.getByRole('link', { name: 'Connections' }).click()
    await page.getByLabel('Name of the new key').fill('My script')
    await page.getByRole('button', { name: 'Make key' }).click()
    expect(await page.getByTestId('api-key').textContent()).toMatch(/^[0-9a-f]{64}$/)
    await page.getByRole('button', { name: 'Revoke My script' }).click()
    await page.getByRole('button', { name: 'Revoke My script' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Caches' }).click()
    await page.getByRole('button', { name: 'Clear sessions' }).click()
    await page.getByText('“sessions” is empty').waitFor()
  })
})
