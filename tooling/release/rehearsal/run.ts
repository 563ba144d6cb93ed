import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execFileAsync = promisify(execFile)

export interface RunOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** Runs a program and resolves with what it printed. Rejects with all of its output when it fails. */
export async function run(
  program: string,
  programArguments: readonly string[],
  { cwd, env }: RunOptions,
): Promise<string> {
  try {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 300_000 }
    const { stdout } = await execFileAsync(program, programArguments, options)
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${programArguments.join(' ')} failed\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    })
  }
}
