/** All that is wrong with the configuration, one line for each fault. */
export function faultsText(faults: readonly string[]): string {
  const title =
    faults.length === 1 ? 'The app did not start:' : `The app did not start; ${faults.length} things to mend:`
  return `\n  ${title}\n${faults.map((fault) => `    • ${fault}`).join('\n')}\n\n`
}

/** What an error at the start means, with its mend; `undefined` when it is none that people can mend. */
export function startFault(
  error: unknown,
  at: { readonly host: string; readonly port: number },
): string | undefined {
  const { code } = error as NodeJS.ErrnoException
  const { host, port } = at
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use, perhaps by another start of this app. Stop that, or choose another with --port ${port + 1}`
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023, such as --port 5000`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Leave out --host, or use 0.0.0.0 for all of its addresses`
    default:
      return undefined
  }
}
