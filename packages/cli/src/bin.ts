#!/usr/bin/env node
import process from 'node:process'
import { CommanderError } from 'commander'
import { isCacheError } from '@cache/core'
import { CliFault, exitCodes, type ExitCode } from './exit-codes.ts'
import { program } from './program.ts'

// A reader that has seen enough, such as head, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done)
  throw error
})

try {
  await program((code) => {
    process.exitCode = code
  }).parseAsync()
} catch (error) {
  process.exitCode = told(error)
}

/** Tells what went wrong, and what to end with. */
function told(error: unknown): ExitCode {
  // Commander has written its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  if (error instanceof CliFault) {
    process.stderr.write(`cache: ${error.message}\n`)
    return error.exitCode
  }
  if (isCacheError(error)) {
    process.stderr.write(`cache: ${error.message}\n`)
    return error.code.startsWith('BACKEND_') ? exitCodes.unavailable : exitCodes.failed
  }
  throw error
}
