import { isMainThread, threadId } from 'node:worker_threads'
import { LoopDelay } from './metrics/loop-delay.js'
import { ThreadGauges, WRITE_INTERVAL } from './metrics/thread-gauges.js'
import type { Session } from './session/session.js'

/** The sessions of one thread. Once a second they tell how far their transfers are, and the thread how busy it is. */
export class LiveSessions {
  readonly #sessions = new Set<Session>()
  #timer: NodeJS.Timeout | undefined
  #delay: LoopDelay | undefined
  #gauges: ThreadGauges | undefined

  /** `gauges` is the memory of the main thread's ThreadGauges; undefined if nobody wants to know. */
  async run(session: Session, gauges: SharedArrayBuffer | undefined): Promise<void> {
    if (gauges !== undefined && this.#gauges?.memory !== gauges) this.#gauges = new ThreadGauges(gauges)
    this.#sessions.add(session)
    this.#timer ??= setInterval(() => this.#tell(), WRITE_INTERVAL).unref()
    try {
      await session.run()
    } finally {
      this.#sessions.delete(session)
      // With gauges it goes on, because nobody could tell a thread without sessions from one that hangs.
      if (this.#sessions.size === 0 && this.#gauges === undefined) this.#rest()
    }
  }

  #tell(): void {
    let waitingRequests = 0
    let waitingUploads = 0
    for (const session of this.#sessions) {
      session.reportProgress()
      waitingRequests += session.waitingRequests
      waitingUploads += session.waitingUploads
    }
    if (this.#gauges === undefined) return
    // The main thread measures its own delay elsewhere, whether it has sessions or not.
    if (isMainThread) return this.#gauges.write(0, { waitingRequests, waitingUploads })
    this.#delay ??= new LoopDelay()
    this.#gauges.write(threadId, { lag: this.#delay.read(), waitingRequests, waitingUploads })
  }

  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
