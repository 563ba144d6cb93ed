import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { choose, goTo, openPage, overflow, type Page, setUp, useBrowser } from './support/page.ts'
import { startServer, temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

useBrowser()

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
    expect(await page.getByRole('link', { name: symbol }).isVisible()).toBe(true)
    await page.getByRole('link', { name: 'Exit' }).click()
    await page.getByRole('button', { name: `Sell 75 ${symbol}` }).click()
    await page.getByText(/is complete at/).waitFor()
    await page.close()
  })
})

const views = [
  ['Orders', 'Orders'],
  ['Positions', 'Positions'],
  ['Options', 'Option chain'],
  ['Strategies', 'Strategies'],
  ['Connections', 'Connections'],
  ['Settings', 'Settings'],
  ['Caches', 'Caches'],
  ['Trade', 'Trade'],
] as const

describe('a page whose server has another version by now', () => {
  let address: string

  beforeAll(async () => {
    ;({ address } = await startServer({ directory: await temporaryDirectory() }))
    const { page } = await openPage(address)
    await setUp(page)
    await page.close()
  })

  /** A page for which the code of the view of options is not there so often. */
  async function pageWithout(times: number): Promise<{ readonly page: Page; readonly asked: () => number }> {
    const { page } = await openPage(address)
    let asked = 0
    await page.route('**/assets/options-page*.js', (route) =>
      ++asked > times ? route.continue() : route.fulfill({ status: 404 }),
    )
    return { page, asked: () => asked }
  }

  it('is loaded anew when a view is opened whose code is not there any more', async () => {
    const { page, asked } = await pageWithout(1)
    await goTo(page, 'Options')
    await page.getByRole('heading', { name: 'Option chain' }).waitFor()
    expect(asked()).toBe(2)
    expect(new URL(page.url()).pathname).toBe('/options')
    await page.close()
  })

  it('is loaded anew once, and then says so in the place of the view, while all others go on', async () => {
    const { page, asked } = await pageWithout(2)
    await goTo(page, 'Options')
    await page.getByRole('heading', { name: "This can't be shown right now" }).waitFor()
    expect(asked()).toBe(2)
    await goTo(page, 'Orders')
    await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor()
    await goTo(page, 'Options')
    await page.getByRole('button', { name: 'Load the page again' }).click()
    await page.getByRole('heading', { name: 'Option chain' }).waitFor()
    await page.close()
  })

  it('is left as it is where the server is away', async () => {
    const { page, asked } = await pageWithout(9)
    await page.route(`${address}/`, (route) => route.abort())
    await goTo(page, 'Options')
    await page.getByRole('heading', { name: "This can't be shown right now" }).waitFor()
    expect(asked()).toBe(1)
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
    await goTo(page, 'Trade')
  })

  it('moves prices by itself, and says clearly why an order is rejected', async () => {
    expect(await choose(page, 'banknifty fut')).toMatch(/^BANKNIFTY/)
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
    for (const [view, heading] of views) {
      await goTo(page, view)
      await page.getByRole('heading', { level: 1, name: heading }).waitFor({ state: 'attached' })
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
    await goTo(page, 'Connections')
    await page.getByLabel('Name of the new key').fill('My script')
    await page.getByRole('button', { name: 'Make key' }).click()
    expect(await page.getByTestId('api-key').textContent()).toMatch(/^[0-9a-f]{64}$/)
    await page.getByRole('button', { name: 'Revoke My script' }).click()
    await page.getByRole('button', { name: 'Revoke My script' }).waitFor({ state: 'detached' })
    await goTo(page, 'Caches')
    await page.getByRole('button', { name: 'Clear sessions' }).click()
    await page.getByText('“sessions” is empty').waitFor()
  })
})
