export { openBrowser, type OpenBrowser } from './open-browser.ts'
export { chromiumPath } from './chromium-path.ts'
