import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { Cluster } from '../cluster/cluster.ts'
import { Client, credentials } from './support/client.ts'
import { goTo, openPage, overflow, type Page, useBrowser } from './support/page.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

useBrowser()

const names = ['instance-1', 'instance-2', 'instance-3']
let cluster: Cluster
let page: Page

beforeAll(async () => {
  const directory = await temporaryDirectory()
  const instrumentsFile = await smallMaster(directory)
  cluster = await Cluster.start({ directory: join(directory, 'cluster'), instrumentsFile })
  await new Client(cluster.address).setUp()
  ;({ page } = await openPage(cluster.address))
  await page.getByLabel('Name').fill(credentials.name)
  await page.getByLabel('Password').fill(credentials.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Caches', exact: true }).waitFor()
  await goTo(page, 'Caches')
  for (const name of names) await page.getByRole('radio', { name }).waitFor({ state: 'attached' })
}, 180_000)

afterAll(() => cluster.stop(), 60_000)

/** Those that are offered. */
async function offered(): Promise<string[]> {
  return page.getByRole('group', { name: 'Instance' }).locator('label').allTextContents()
}

async function chosen(): Promise<string | null> {
  return page.getByRole('group', { name: 'Instance' }).locator('label:has(:checked)').textContent()
}

it('the console shows the instance that is chosen, in each of its parts, and how changes come to it', async () => {
  expect(await offered()).toEqual(names)
  await page.getByText('changes by pub-sub').waitFor()
  const tab = (name: string) =>
    page.getByRole('navigation', { name: 'Parts of the console' }).getByRole('link', { name })
  for (const name of names) {
    await page.getByRole('radio', { name }).check()
    await page.locator('.figure .sub', { hasText: name }).waitFor()
    await tab('Live').click()
    await page.getByText(`Live, ${name}`).waitFor()
    await page.getByText('by pub-sub').waitFor()
    await tab('Overview').click()
  }
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.setViewportSize({ width: 1280, height: 900 })
})

it('an instance that was shown and has died is offered no more, and one that lives takes its place', async () => {
  const shown = await chosen()
  await cluster.instances.find(({ name }) => name === shown)?.stop('SIGKILL')
  const left = names.filter((name) => name !== shown)
  await expect.poll(offered).toEqual(left)
  expect(left).toContain(await chosen())
  await page.locator('.figure .sub', { hasText: (await chosen()) ?? '' }).waitFor()
})
