/** What the command ends with. The help of `cache` and the README list them. */
export const exitCodes = {
  /** It did what was asked. */
  done: 0,
  /** It found a fault, found nothing, or could not finish. */
  failed: 1,
  /** It was called in a way it does not understand. */
  usage: 2,
  /** The backend cannot be used: not installed, not reachable, refused. */
  unavailable: 3,
  /** Ctrl-C, after what was under way was left in order. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the command with a message for people. */
export class CliFault extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
