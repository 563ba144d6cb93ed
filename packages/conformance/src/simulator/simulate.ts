import { counterNames } from './application.ts'
import { AtomicLedger } from './atomic-ledger.ts'
import { HistoryChecker, type Violation } from './history-checker.ts'
import { LeaseWatch } from './lease-watch.ts'
import type { Mutation } from './mutation.ts'
import { seedPlan, type PlanOverrides, type SeedPlan } from './seed-plan.ts'
import { SimulatedProcess, type SimulationParts, type Variant } from './simulated-process.ts'
import { SimulatedServer } from './simulated-server.ts'
import { SimulatedBus } from './simulated-transport.ts'
import { Truth } from './truth.ts'
import { VirtualProcess } from './virtual-process.ts'
import { VirtualTime } from './virtual-time.ts'

/** How one run differs from the ordinary one. */
export interface SimulationOptions {
  /** Default `'engine'`. */
  readonly variant?: Variant | undefined
  readonly mutation?: Mutation | undefined
  readonly overrides?: PlanOverrides | undefined
  /** Told of what happens, with the virtual time of it. */
  readonly trace?: ((line: string) => void) | undefined
}

export interface SimulationResult {
  readonly seed: number
  readonly plan: SeedPlan
  /** Reads that returned something and were checked. */
  readonly reads: number
  readonly staleReads: number
  readonly steps: number
  /** The same for each run of one seed. */
  readonly fingerprint: number
  readonly violations: readonly Violation[]
}

/** Runs one seed from its beginning to a quiet end, with every completed read checked. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  const unpatch = options.mutation?.patch?.()
  try {
    return await new Simulation(seed, options).run()
  } finally {
    unpatch?.()
  }
}

class Simulation {
  readonly #seed: number
  readonly #time: VirtualTime
  readonly #plan: SeedPlan
  readonly #parts: SimulationParts
  readonly #processes: SimulatedProcess[] = []
  readonly #unhandled: unknown[] = []
  readonly #closed: SimulatedProcess[] = []
  #incarnations = 0

  constructor(seed: number, options: SimulationOptions) {
    this.#seed = seed
    const time = new VirtualTime(seed)
    const mutation = options.mutation ?? {}
    const plan = seedPlan(seed, { ...mutation.overrides, ...options.overrides })
    const truth = new Truth(time, plan.keys, plan.workload.absentShare)
    const checker = new HistoryChecker(time, plan, truth)
    const bus = new SimulatedBus(time, plan.transport)
    const leases = new LeaseWatch({ time, calm: isCalm(plan), onViolation: checker.violate.bind(checker) })
    const { trace: tell } = options
    const trace = tell && ((line: string) => tell(`${time.nowMs.toFixed(3).padStart(10)}  ${line}`))
    const server = new SimulatedServer({
      time,
      mutation,
      leases,
      trace,
      publish: (message) => bus.publishFromServer(message),
    })
    const ledger = new AtomicLedger((counter, detail) => checker.violate('G11', counter, detail))
    const variant = options.variant ?? 'engine'
    this.#time = time
    this.#plan = plan
    this.#parts = { variant, plan, mutation, server, bus, truth, checker, ledger, trace }
  }

  async run(): Promise<SimulationResult> {
    const onUnhandled = (error: unknown): void => void this.#unhandled.push(error)
    process.on('unhandledRejection', onUnhandled)
    try {
      for (let index = 0; index < this.#plan.processes; index++) this.#processes.push(this.#newProcess())
      this.#scheduleFaults()
      await this.#time.runUntil(this.#plan.durationMs)
      await this.#end()
      await new Promise<void>((resolve) => void setImmediate(resolve))
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
    return this.#result()
  }

  #result(): SimulationResult {
    const { checker } = this.#parts
    for (const error of this.#unhandled)
      checker.violate('unhandled', '', `an unhandled rejection: ${String(error)}`)
    const { reads, staleReads, violations } = checker
    const { steps, fingerprint } = this.#time
    return { seed: this.#seed, plan: this.#plan, reads, staleReads, steps, fingerprint, violations }
  }

  #newProcess(): SimulatedProcess {
    return new SimulatedProcess(new VirtualProcess(this.#incarnations++, this.#time), this.#parts)
  }

  #scheduleFaults(): void {
    const { faults } = this.#plan
    const { server, ledger, trace } = this.#parts
    const time = this.#time
    const begin = (how: 'restart' | 'restore'): void => {
      this.#checkCounters()
      trace?.(`the store: ${how}`)
      server[how]()
      ledger.restart()
    }
    this.#every(250, () => server.snapshot())
    this.#every(faults.restartMs, () => begin('restart'))
    this.#every(faults.restoreMs, () => begin('restore'))
    this.#every(faults.evictMs, () => server.evict())
    this.#every(faults.forgetTagMs, () => server.forgetTag())
    this.#every(faults.trimLogMs, () => server.trimLog())
    this.#every(faults.wallStepMs, () => this.#anyProcess().process.stepWall(time.between(-5000, 5000)))
    this.#every(faults.pauseMs, () => {
      const { process } = this.#anyProcess()
      const forMs = time.between(10, 900)
      trace?.(`p${process.id} is paused for ${forMs.toFixed(0)} ms`)
      process.pause(forMs)
    })
    this.#every(this.#plan.transport.cutMs, () => this.#parts.bus.cut(this.#anyProcess().process))
    this.#every(faults.crashMs, () => this.#replace((simulated) => this.#crash(simulated)))
    this.#every(faults.closeMs, () => this.#replace((simulated) => void this.#close(simulated)))
  }

  /** At random moments with this mean between them, until the end of the workload. */
  #every(meanMs: number, run: () => void): void {
    if (meanMs === Number.POSITIVE_INFINITY) return
    const delayMs = -Math.log(1 - this.#time.random()) * meanMs
    this.#time.after(delayMs, () => {
      if (this.#time.nowMs > this.#plan.durationMs) return
      run()
      this.#every(meanMs, run)
    })
  }

  #anyProcess(): SimulatedProcess {
    return this.#time.pick(this.#processes)
  }

  /** Another process takes the place of one. */
  #replace(end: (simulated: SimulatedProcess) => void): void {
    const index = this.#time.below(this.#processes.length)
    const replaced = this.#processes[index]
    if (!replaced) return
    end(replaced)
    this.#processes[index] = this.#newProcess()
  }

  #crash(simulated: SimulatedProcess): void {
    this.#parts.trace?.(`p${simulated.process.id} crashes`)
    simulated.crash()
  }

  /** Nothing runs on once `close()` has resolved, however busy the process was, and every call has settled. */
  async #close(simulated: SimulatedProcess): Promise<void> {
    const { checker, trace } = this.#parts
    const { process } = simulated
    trace?.(`p${process.id} closes`)
    simulated.quiesce()
    this.#closed.push(simulated)
    try {
      await simulated.close()
    } catch (error) {
      checker.violate('rejection', '', `close() rejected with ${String(error)}`)
    }
    const { pendingTimers } = process
    if (pendingTimers > 0)
      checker.violate('G10', '', `process ${process.id} has ${pendingTimers} timers after close()`)
  }

  /** Lets everything settle, closes all, and looks at what is left. */
  async #end(): Promise<void> {
    const { checker, plan } = this.#parts
    for (const simulated of this.#processes) simulated.quiesce()
    const patienceMs = plan.cache.hardTimeoutMs * 2 + 2000
    await this.#time.runUntil(this.#time.nowMs + patienceMs)
    for (const { pending, process } of [...this.#processes, ...this.#closed]) {
      if (pending > 0) checker.violate('hang', '', `${pending} calls of process ${process.id} never settled`)
    }
    this.#checkCounters()
    for (const simulated of this.#processes) void this.#close(simulated)
    await this.#time.runUntil(this.#time.nowMs + plan.cache.commandTimeoutMs)
  }

  /** Holds the counts in the store against those that were acknowledged. */
  #checkCounters(): void {
    const { server, ledger } = this.#parts
    for (const cache of ['counters', 'lists']) {
      const rows = server.storage.caches.get(cache)?.versions.get(1)?.rows
      for (const name of counterNames) {
        const row = rows?.get(name)
        const isLive = row !== undefined && row.epoch === server.storage.epoch
        const payload: unknown = isLive ? JSON.parse(String(row.entry.payload)) : 0
        ledger.check(
          cache === 'lists' ? `list ${name}` : name,
          Array.isArray(payload) ? payload.length : Number(payload),
        )
      }
    }
  }
}

function isCalm({ network, faults }: SeedPlan): boolean {
  return [...Object.values(network), ...Object.values(faults).map((ms: number) => 1 / ms)].every(
    (share) => share === 0,
  )
}
