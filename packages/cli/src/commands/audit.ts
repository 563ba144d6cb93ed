import { loadPackage } from '@cache/environment'
import type * as Audit from '@cache/audit'
import { CliFault, exitCodes, type ExitCode } from '../exit-codes.ts'
import { roots, settingsOf, type CommandContext } from '../settings.ts'
import { grouped } from '../terminal.ts'

export interface VerifyFlags {
  readonly keyFile?: string | undefined
  readonly checkpoints?: string | undefined
}

/** Reads an audit and says whether every record is as it was written. */
export async function verifyAudit(
  context: CommandContext,
  file: string | undefined,
  flags: VerifyFlags,
): Promise<ExitCode> {
  const path = file ?? settingsOf(context.options).values.CACHE_AUDIT_LOG_PATH
  const { verifyAudit: verify } = (await loadPackage('@cache/audit', roots())) as typeof Audit
  const { keyFile, checkpoints } = flags
  const found = await verify({ file: path, keyFile, checkpoints }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliFault(exitCodes.failed, `${path} can't be verified: ${reason}`)
  })
  const { ok, records, fault } = found
  context.terminal.result(found, () => {
    const { terminal } = context
    terminal.line(`${grouped(records)} records of ${path} are genuine.`)
    if (fault) terminal.line(`${terminal.style('red', '✗')} ${fault.message}`)
    else if (checkpoints === undefined)
      terminal.line('Whether its end was cut off, only --checkpoints tells.')
    else terminal.line(`${grouped(found.checkpoints)} checkpoints agree.`)
  })
  return ok ? exitCodes.done : exitCodes.failed
}
