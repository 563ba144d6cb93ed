import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

import { canInstall, installPackage } from './debian.ts'
import { kindNames, type ServerKind } from './server-kind.ts'

/**
 * Where the server's program is: on the PATH, or installed when it is missing and the machine is a Debian of ours.
 * `undefined` where neither is so, but a URL names a running server.
 *
 * @throws Error that says what to install.
 */
export async function serverProgram(kind: ServerKind): Promise<string | undefined> {
  const { title, program, urlVariable, package: name, suite } = kindNames[kind]
  const found = onPath([program]) ?? (await installed([program], name, suite))
  if (found !== undefined || attachedUrl(kind) !== undefined) return found
  throw new Error(
    `These tests need ${title}: install ${program} so that it is on the PATH, or set ${urlVariable} to a server whose data may go`,
  )
}

/** The URL of a server that is already running, where the environment names one. */
export function attachedUrl(kind: ServerKind): string | undefined {
  const url = process.env[kindNames[kind].urlVariable]
  return url === '' ? undefined : url
}

/** A program on the PATH by one of its names, installed from Debian's release when it is missing and can be. */
export async function neededProgram(
  program: string | readonly string[],
  packageName: string,
): Promise<string> {
  const names = [program].flat()
  const found = onPath(names) ?? (await installed(names, packageName, 'release'))
  if (found !== undefined) return found
  throw new Error(`These tests need ${packageName}: install it so that ${names.join(' or ')} is on the PATH`)
}

async function installed(
  names: readonly string[],
  packageName: string,
  suite: 'release' | 'backports',
): Promise<string | undefined> {
  if (!canInstall()) return undefined
  await installPackage(packageName, suite)
  return onPath(names)
}

function onPath(names: readonly string[]): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return directories.flatMap((directory) => names.map((name) => join(directory, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
