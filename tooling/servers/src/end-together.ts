import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Has a child that runs killed as soon as this process has ended, whatever ended it: `kill -9` lets nobody say goodbye.
 * It takes a shell of the system.
 */
export function endTogether(child: ChildProcess): void {
  // Its standard input ends with this process. Ctrl-C, which reaches it too, is this process's to answer.
  const script = 'trap "" INT HUP; read -r _; kill -9 "$0" 2>/dev/null'
  const guard = spawn('sh', ['-c', script, String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'] })
  guard.on('error', () => child.kill('SIGKILL'))
  child.once('exit', () => guard.kill('SIGKILL'))
}
