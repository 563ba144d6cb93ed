import { access, constants } from 'node:fs/promises'
import { neededProgram } from '@cache/tooling-servers'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * Where Chromium is: `CHROMIUM_PATH`, or the first on the PATH. On Debian, as root, it is installed when it is missing.
 *
 * @throws Error that says what to install.
 */
export async function chromiumPath(): Promise<string> {
  const asked = process.env['CHROMIUM_PATH']
  if (asked === undefined || asked === '') return neededProgram(names, 'chromium')
  try {
    await access(asked, constants.X_OK)
  } catch (cause) {
    throw new Error(`CHROMIUM_PATH is ${asked}, which is not a program that can be run`, { cause })
  }
  return asked
}
