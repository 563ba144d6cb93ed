import { Child } from '@cache/tooling-backends'
import type { MemberPlan, Order } from '../src/member.ts'

/** A process of one version. */
export class Member implements AsyncDisposable {
  readonly #child: Child
  #latest: Promise<unknown> = Promise.resolve()
  #ended: Promise<unknown> | undefined

  private constructor(plan: MemberPlan) {
    this.#child = new Child(new URL('../src/member.ts', import.meta.url), plan)
  }

  static async start(plan: MemberPlan): Promise<Member> {
    const member = new Member(plan)
    await member.#child.line()
    return member
  }

  /** Resolves with the answer. Orders of one member follow each other. */
  tell(order: Order): Promise<unknown> {
    this.#latest = this.#latest.then(async () => {
      this.#child.say(JSON.stringify(order))
      return JSON.parse(await this.#child.line())
    })
    return this.#latest
  }

  /** Resolves when it has closed its caches and ended by itself. */
  async end(): Promise<void> {
    this.#child.say(JSON.stringify({ do: 'end' }))
    this.#ended ??= this.#child.lines()
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}
