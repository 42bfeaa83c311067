import { type Hooks, runHook, type UploadFacts } from './hook.js'
import type { Log } from './log.js'

/** How many of them run at the same time. */
const MAX_RUNNING = 4

/** How many uploads may wait for their turn; the log names those that come then and are left out. */
const MAX_WAITING = 10_000

/** Tells a program of each upload that was stored. Nobody waits for it. */
export class UploadedHook {
  readonly #argv: readonly string[]
  readonly #timeoutMs: number
  readonly #log: Log
  readonly #waiting: UploadFacts[] = []
  #running = 0
  #wake: () => void = () => {}

  private constructor(argv: readonly string[], timeoutMs: number, log: Log) {
    this.#argv = argv
    this.#timeoutMs = timeoutMs
    this.#log = log
  }

  static for({ uploaded, timeoutMs }: Hooks, log: Log): UploadedHook | undefined {
    return uploaded === undefined ? undefined : new UploadedHook(uploaded, timeoutMs, log)
  }

  add(facts: UploadFacts): void {
    if (this.#waiting.length >= MAX_WAITING) return this.#failed(facts, `${MAX_WAITING} uploads wait for it`)
    this.#waiting.push(facts)
    if (this.#running < MAX_RUNNING) void this.#run()
  }

  /** Resolves when it has been told of all uploads, or after that time. */
  async finish(ms: number): Promise<void> {
    if (this.#running === 0) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      setTimeout(resolve, ms).unref()
    })
    for (const facts of this.#waiting.splice(0)) this.#failed(facts, 'ftpd was stopped')
  }

  async #run(): Promise<void> {
    this.#running++
    for (let facts = this.#waiting.shift(); facts !== undefined; facts = this.#waiting.shift()) {
      const outcome = await runHook(this.#argv, facts, this.#timeoutMs)
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
