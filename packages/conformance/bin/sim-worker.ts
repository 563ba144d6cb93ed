import { parentPort } from 'node:worker_threads'
import { run, type Job } from './sim-jobs.ts'

const port = parentPort
if (!port) throw new Error('sim-worker.ts runs in a worker thread')

// Simulated networks fail often, and nobody reads the stacks.
Error.stackTraceLimit = 0

port.on('message', (job: Job) => {
  void run(job).then((result) => port.postMessage(result))
})
