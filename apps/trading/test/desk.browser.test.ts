import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { Client } from './support/client.ts'
import { choose, goTo, openPage, type Page, setUp, useBrowser } from './support/page.ts'
import { type RunningServer, startServer, temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'
import { TelegramServer } from './support/telegram-server.ts'

useBrowser()

let server: RunningServer
let page: Page
let errors: string[]
let telegram: TelegramServer

beforeAll(async () => {
  const directory = await temporaryDirectory()
  telegram = await TelegramServer.start()
  server = await startServer({
    directory,
    args: ['--instruments', await smallMaster(directory)],
    env: { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.address },
  })
  ;({ page, errors } = await openPage(server.address))
  await setUp(page)
  await page.getByText('The broker is connected').waitFor()
})

beforeEach(async () => {
  await page.setViewportSize({ width: 1280, height: 860 })
  await goTo(page, 'Trade')
})

describe('the watchlist', () => {
  it('shows live prices, keeps to the keyboard, and is there on another browser', async () => {
    const first = await choose(page, 'nifty fut')
    await page.getByRole('button', { name: 'Watch', exact: false }).click()
    const second = await choose(page, 'banknifty fut')
    await page.getByRole('button', { name: 'Watch', exact: false }).click()
    await page.getByRole('button', { name: 'Watching' }).waitFor()
    await page.getByRole('combobox', { name: 'Search instruments' }).fill('')
    const rows = page.locator('.watched-link')
    await expect.poll(() => rows.count()).toBe(2)
    const price = page.getByTestId('watched-price').first()
    await expect.poll(() => price.textContent()).toMatch(/^[\d,]+\.\d\d$/)
    const before = await price.textContent()
    await expect.poll(() => price.textContent(), { timeout: 15_000 }).not.toBe(before)

    await rows.first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Alt+ArrowUp')
    const symbols = page.locator('.watched-symbol')
    await expect.poll(() => symbols.allTextContents()).toEqual([second, first])
    const other = new Client(server.address)
    await other.signIn()
    const { watched } = (await other.get('/web/watchlist')).body
    expect(watched.map(({ symbol }: { symbol: string }) => symbol)).toEqual([second, first])

    await rows.first().focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.quote-symbol').textContent()).toBe(second)
    await rows.last().focus()
    await page.keyboard.press('Delete')
    await expect.poll(() => symbols.allTextContents()).toEqual([second])
    expect(errors).toEqual([])
  })
})

describe('the option chain', () => {
  it('is live around the money, and is walked with the arrow keys into a ticket', async () => {
    await goTo(page, 'Options')
    await page.getByLabel('Underlying').selectOption('NIFTY')
    const money = page.locator('tr[data-money=at]')
    await money.waitFor()
    const underlying = page.getByTestId('underlying-price')
    const before = await underlying.textContent()
    await expect.poll(() => underlying.textContent(), { timeout: 15_000 }).not.toBe(before)
    await money.locator('[data-cell=call]').focus()
    await page.keyboard.press('ArrowRight')
    const focused = (): Promise<string> => page.evaluate('document.activeElement.getAttribute("aria-label")')
    expect(await focused()).toMatch(/^NIFTY.*PE$/)
    const atTheMoney = await focused()
    // The small master has few strikes: the focus may be at the last of them, and the money has moved on since.
    const isLast = await page.evaluate('document.activeElement.closest("tr").nextElementSibling === null')
    await page.keyboard.press(isLast ? 'ArrowUp' : 'ArrowDown')
    const beside = await focused()
    expect(beside).toMatch(/^NIFTY.*PE$/)
    expect(beside).not.toBe(atTheMoney)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.quote-symbol').textContent()).toBe(beside)
    expect(errors).toEqual([])
  })
})

describe('orders and positions', () => {
  it('are changed, cancelled and closed after a question that Escape takes back', async () => {
    const symbol = await choose(page, 'nifty fut')
    await page.getByRole('radio', { name: 'LIMIT' }).check()
    const ltp = Number((await page.getByTestId('ltp').textContent())?.replaceAll(',', ''))
    await page.getByLabel('Price', { exact: true }).fill(String(Math.round(ltp * 0.9)))
    await page.getByRole('button', { name: /^Buy/ }).click()
    await page.getByText('waits for its price').waitFor()

    await page.getByRole('link', { name: 'See orders' }).click()
    await page.getByRole('button', { name: /^Change order/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Price', { exact: true }).fill(String(Math.round(ltp * 0.91)))
    await dialog.getByRole('button', { name: 'Change the order' }).click()
    await dialog.waitFor({ state: 'detached' })
    const shown = Math.round(ltp * 0.91).toLocaleString('en-IN', { minimumFractionDigits: 2 })
    await page.getByRole('cell', { name: shown }).waitFor()

    const cancelAll = page.getByRole('button', { name: 'Cancel all 1' })
    await cancelAll.click()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel all 1')
    await cancelAll.click()
    await dialog.getByRole('button', { name: 'Cancel them' }).click()
    await page.getByText('cancelled', { exact: true }).waitFor()

    await goTo(page, 'Trade')
    await choose(page, 'nifty fut')
    await page.getByRole('button', { name: /^Buy/ }).click()
    await page.getByText('is complete at').waitFor()
    await page.getByRole('link', { name: 'See positions' }).click()
    const price = page.getByTestId('held-price')
    const before = await price.textContent()
    await expect.poll(() => price.textContent(), { timeout: 15_000 }).not.toBe(before)
    await page.getByRole('button', { name: `Close ${symbol}` }).click()
    await dialog.getByRole('button', { name: 'Close it' }).click()
    await page.getByRole('cell', { name: 'closed' }).waitFor()
    await page.getByRole('link', { name: 'Holdings' }).click()
    await page.getByText('No holdings').waitFor()
    await goTo(page, 'Orders')
    await page.getByRole('link', { name: 'Trades' }).click()
    await expect.poll(() => page.getByRole('row').count()).toBe(3)
    expect(errors).toEqual([])
  })
})

describe('strategies and workflows', () => {
  it('are made with the keyboard, and their webhook works at once, until they are stopped', async () => {
    await goTo(page, 'Strategies')
    await page.getByRole('button', { name: 'Make a strategy' }).click()
    await page.getByLabel('Name').fill('Breakout')
    const field = page.getByRole('combobox', { name: 'Add what it trades' })
    await field.fill('nifty fut')
    await page.locator('.symbol-list .result').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    const symbol = await page.locator('.chosen-symbols .symbol').textContent()
    await page.getByLabel('At a loss of, %').fill('5')
    await page.getByRole('button', { name: 'Make the strategy' }).click()
    const address = (await page.locator('.webhook-line .secret').first().textContent()) ?? ''
    expect(address).toMatch(/\/strategy\/webhook\/[\w-]{32}$/)
    const call = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ symbol, action: 'BUY' }),
    })
    expect(call.status).toBe(200)
    await page.getByText('holding', { exact: true }).waitFor()
    await page.getByText('One order of its runs').click()
    await page.locator('.runs').getByText('complete').waitFor()
    await page.getByRole('button', { name: 'Stop Breakout' }).click()
    await page.getByText('stopped', { exact: true }).waitFor()

    await page.getByRole('link', { name: 'Workflows' }).click()
    await page.getByRole('button', { name: 'Make a workflow' }).click()
    await page.getByLabel('Name').fill('Evening')
    await page.getByLabel('Next step').selectOption('close-positions')
    await page.getByRole('button', { name: 'Add the step' }).click()
    await page.getByLabel('Next step').selectOption('order')
    await page.getByRole('button', { name: 'Add the step' }).click()
    await page.getByText('Choose the instrument first').waitFor()
    await page.getByRole('button', { name: 'Make the workflow' }).click()
    await page.getByRole('heading', { name: 'Evening' }).waitFor()
    await page.getByRole('button', { name: 'Remove Evening' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('There is no workflow yet').waitFor()
    expect(errors).toEqual([])
  })
})

describe('the settings', () => {
  it('change the order mode, holidays, hours and freeze quantities', async () => {
    await goTo(page, 'Settings')
    await page.getByRole('group', { name: 'Order mode' }).getByLabel('analyze').check()
    await page.getByText('nothing is sent to the broker').waitFor()
    await page.getByRole('group', { name: 'Order mode' }).getByLabel('live').check()
    await page.getByText('Orders go to the broker').waitFor()
    await page.getByRole('link', { name: 'Calendar' }).click()
    await page.getByText('Add a day').click()
    const year = new Date().getFullYear()
    await page.getByLabel('Day', { exact: true }).fill(`${year}-07-15`)
    await page.getByLabel('What it is').fill('Elections')
    await page.getByRole('button', { name: 'Add the day' }).click()
    await page.getByRole('cell', { name: 'Elections closed' }).waitFor()
    await page.getByRole('button', { name: `Remove ${year}-07-15` }).click()
    await page.getByRole('cell', { name: 'Elections closed' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Freeze quantities' }).click()
    await page.getByLabel('A newer file').setInputFiles({
      name: 'qtyfreeze.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('SR_NO,SYMBOL,VOL_FRZ_QTY\n1,NIFTY,1800\n2,ODD,77\n'),
    })
    await page.getByText('2 quantities of NFO hold from now on').waitFor()
    await page.getByLabel('Look for a symbol').fill('odd')
    await page.getByText('77').waitFor()
    expect(errors).toEqual([])
  })

  it('list where one is signed in, and end those sessions', async () => {
    const clients = [new Client(server.address), new Client(server.address)]
    for (const client of clients) await client.signIn()
    await goTo(page, 'Settings')
    const card = page.getByRole('region', { name: 'Where you are signed in' })
    const endings = card.getByRole('button', { name: /^End the session/ })
    await card.getByText('this browser').waitFor()
    const before = await endings.count()
    expect(before).toBeGreaterThanOrEqual(2)
    await page.setViewportSize({ width: 390, height: 844 })
    await endings.last().click()
    await expect.poll(() => endings.count()).toBe(before - 1)
    expect((await clients[1]?.get('/web/session'))?.body.signedIn).toBe(false)
    expect((await clients[0]?.get('/web/session'))?.body.signedIn).toBe(true)
    await card.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await expect.poll(() => endings.count()).toBe(0)
    expect((await clients[0]?.get('/web/session'))?.body.signedIn).toBe(false)
    await card.getByText('this browser').waitFor()
    expect(errors).toEqual([])
  })

  it('make orders that are only analyzed, and say so', async () => {
    await goTo(page, 'Settings')
    const mode = page.getByRole('group', { name: 'Order mode' })
    await mode.getByLabel('analyze').check()
    await goTo(page, 'Trade')
    await choose(page, 'nifty fut')
    await page.getByRole('button', { name: /^Buy/ }).click()
    await page.getByText('and was not sent').waitFor()
    await page.getByRole('link', { name: 'Change that' }).click()
    await mode.getByLabel('live').check()
    await page.getByText('Orders go to the broker').waitFor()
    expect(errors).toEqual([])
  })

  it('link a Telegram chat with a code, choose what it is told, and end the link', async () => {
    await goTo(page, 'Settings')
    await page.getByRole('link', { name: 'Telegram' }).click()
    await page.getByRole('button', { name: 'Make a code' }).click()
    const message = (await page.locator('.webhook-line .secret').textContent()) ?? ''
    expect(message).toMatch(/^\/link [\w-]{12}$/)
    telegram.say(77, message)
    await page.getByText('Linked to @asha_k').waitFor()
    await page.getByLabel('orders that are complete or rejected').uncheck()
    const client = new Client(server.address)
    await client.signIn()
    await client.until('/web/telegram', ({ preferences }) => preferences.orders === false)
    await page.getByRole('button', { name: 'End the link' }).click()
    await page.getByRole('button', { name: 'Make a code' }).waitFor()
    expect(errors).toEqual([])
  })
})

describe('the page while the app starts again', () => {
  it('goes on with live prices by itself', async () => {
    await choose(page, 'nifty fut')
    await page.getByRole('button', { name: 'Watch', exact: true }).click()
    await page.getByRole('button', { name: 'Watching' }).waitFor()
    await page.getByRole('combobox', { name: 'Search instruments' }).fill('')
    const price = page.getByTestId('watched-price').first()
    await expect.poll(() => price.textContent()).toMatch(/^[\d,]+\.\d\d$/)
    const { port } = new URL(server.address)
    await server.stop()
    await page.getByText('Connecting…').waitFor()
    const env = { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.address }
    await startServer({ directory: server.directory, args: ['--port', port], env })
    await page.getByText('Live', { exact: true }).waitFor()
    const before = await price.textContent()
    await expect.poll(() => price.textContent(), { timeout: 20_000 }).not.toBe(before)
  })
})
