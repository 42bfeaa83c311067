import { type Hooks, runHook, type UploadFacts } from './hook.js'
import type { Log } from './log.js'

/** How many of them run at the same time. */
const MAX_RUNNING = 4

/** How many uploads may wait for their turn; the log names those that come then and are left out. */
const MAX_WAITING = 10_000

/** Tells a program of each upload that was stored, if there is one. Nobody waits for it. */
export class UploadedHook {
  #hooks: Hooks
  readonly #log: Log
  /** Each with the program that was in force when it was stored. */
  readonly #waiting: { facts: UploadFacts; program: readonly string[]; timeoutMs: number }[] = []
  #running = 0
  #wake: () => void = () => {}

  constructor(hooks: Hooks, log: Log) {
    this.#hooks = hooks
    this.#log = log
  }

  /** Uploads that are stored from now on are told to another program. */
  change(hooks: Hooks): void {
    this.#hooks = hooks
  }

  add(facts: UploadFacts): void {
    const { uploaded: program, timeoutMs } = this.#hooks
    if (program === undefined) return
    if (this.#waiting.length >= MAX_WAITING) return this.#failed(facts, `${MAX_WAITING} uploads wait for it`)
    this.#waiting.push({ facts, program, timeoutMs })
    if (this.#running < MAX_RUNNING) void this.#run()
  }

  /** Resolves when the program has been told of all uploads, or after that time. */
  async finish(ms: number): Promise<void> {
    if (this.#running === 0) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      setTimeout(resolve, ms).unref()
    })
    for (const { facts } of this.#waiting.splice(0)) this.#failed(facts, 'ftpd was stopped')
  }

  async #run(): Promise<void> {
    this.#running++
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { facts, program, timeoutMs } = next
      const outcome = await runHook(program, facts, timeoutMs)
      if (outcome.type === 'rejected') this.#failed(facts, outcome.reason)
    }
    this.#running--
    if (this.#running === 0) this.#wake()
  }

  #failed({ path, requestId }: UploadFacts, reason: string): void {
    const line = { type: 'hook-failed', id: requestId, path, reason }
    this.#log.warn(line, `the hook for stored uploads failed: ${reason}`)
  }
}
