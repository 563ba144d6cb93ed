import { type ComponentType, lazy, type LazyExoticComponent } from 'react'

/** When this tab last loaded the page anew because the code of a view was not there. */
const storageKey = 'loaded-anew-at'
const notAgainWithinMs = 30_000

/**
 * A view whose code is loaded when it is first opened: what it is made of is not needed to trade. Where the code is not
 * there, because the server has another version by now than this page is of, the page is loaded anew, once.
 */
export function lazyView(load: () => Promise<ComponentType>): LazyExoticComponent<ComponentType> {
  return lazy(async () => ({ default: await load().catch(loadPageAnew) }))
}

async function loadPageAnew(error: unknown): Promise<never> {
  const sinceMs = Date.now() - Number(sessionStorage.getItem(storageKey))
  if (sinceMs < notAgainWithinMs || !(await isServerThere())) throw error
  sessionStorage.setItem(storageKey, String(Date.now()))
  window.location.reload()
  return new Promise(() => undefined)
}

/** Without it, what would come is the browser's own page of errors. */
function isServerThere(): Promise<boolean> {
  return fetch('/', { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  )
}
