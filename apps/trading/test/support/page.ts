import { readFileSync } from 'node:fs'

import { type OpenBrowser, openBrowser } from '@cache/tooling-browser'
import { afterAll, beforeAll } from 'vitest'

import { credentials } from './client.ts'

export type Page = Awaited<ReturnType<OpenBrowser['context']['newPage']>>

/** On a machine without Chromium it is installed first, which takes minutes. */
const installingMs = 900_000

let browser: OpenBrowser

/** To be called at the top of a file: one browser for its tests. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await openBrowser()
  }, installingMs)

  afterAll(async () => {
    // Undefined when it could not be opened, which has failed the tests by then.
    await (browser as OpenBrowser | undefined)?.close()
  })
}

/** A page with the errors that it reports. */
export async function openPage(address: string): Promise<{ readonly page: Page; readonly errors: string[] }> {
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

/**
 * As the first user, with the broker connected. It ends when the way back from the broker has: Chromium loses the closing
 * of a page that changes its origin at that moment (crbug.com/536385539), and `page.close` waits for it without end.
 */
export async function setUp(page: Page): Promise<void> {
  const { origin } = new URL(page.url())
  await page.getByLabel('Name').fill(credentials.name)
  await page.getByLabel('Password').fill(credentials.password)
  await page.getByRole('button', { name: 'Create and sign in' }).click()
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL((url) => url.origin === origin)
}

/** Whether anything is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
}

/** Goes to another view, also on a small screen, where some are behind “More”. */
export async function goTo(page: Page, view: string): Promise<void> {
  const link = page.getByRole('link', { name: view, exact: true })
  const more = page.getByRole('button', { name: 'More', exact: true })
  await link.or(more).filter({ visible: true }).first().waitFor()
  if (!(await link.isVisible())) await more.click()
  await link.click()
}

/** Searches on the trading desk and opens the first that is found. */
export async function choose(page: Page, query: string): Promise<string> {
  const field = page.getByRole('combobox', { name: 'Search instruments' })
  // What an earlier search found stays until the next has an answer.
  await field.fill('')
  await page.locator('.result').first().waitFor({ state: 'detached' })
  await field.fill(query)
  const found = page.locator('.result').first()
  const symbol = (await found.locator('.result-symbol').textContent()) ?? ''
  await found.click()
  await page.getByRole('heading', { name: symbol, exact: true }).waitFor()
  await page.getByTestId('ltp').waitFor()
  return symbol
}

const contrastScript = readFileSync(new URL('faint-texts.js', import.meta.url), 'utf8')

/** Texts that are too hard to tell from their ground, each with its contrast. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => { ${contrastScript}; return globalThis.faintTexts() })()`)
}
