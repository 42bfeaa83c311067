import { isMainThread, threadId } from 'node:worker_threads'
import { ProtocolError } from '@jftp/protocol'
import { KickedSessions } from './kicked-sessions.js'
import { LoopDelay } from './metrics/loop-delay.js'
import { ThreadGauges, WRITE_INTERVAL } from './metrics/thread-gauges.js'
import type { Session } from './session/session.js'

/**
 * The sessions of one thread. Once a second they tell how far their transfers are, and the thread how busy it is; and the
 * thread looks which of them somebody has ended from outside.
 */
export class LiveSessions {
  /** Each with its number, as soon as that is known. */
  readonly #sessions = new Map<Session, number | undefined>()
  #kicked: KickedSessions | undefined
  #timer: NodeJS.Timeout | undefined
  #delay: LoopDelay | undefined
  #gauges: ThreadGauges | undefined

  /**
   * `kicked` is the memory of the main thread's KickedSessions, and `gauges` that of its ThreadGauges; the latter is
   * undefined if nobody wants to know.
   */
  async run(
    session: Session,
    kicked: SharedArrayBuffer,
    gauges: SharedArrayBuffer | undefined,
  ): Promise<void> {
    if (this.#kicked?.memory !== kicked) this.#kicked = new KickedSessions(kicked)
    if (gauges !== undefined && this.#gauges?.memory !== gauges) this.#gauges = new ThreadGauges(gauges)
    this.#sessions.set(session, undefined)
    this.#timer ??= setInterval(() => this.#tell(), WRITE_INTERVAL).unref()
    try {
      await session.run()
    } finally {
      this.#sessions.delete(session)
      // With gauges it goes on, because nobody could tell a thread without sessions from one that hangs.
      if (this.#sessions.size === 0 && this.#gauges === undefined) this.#rest()
    }
  }

  /** To be called when the number of a session is known. */
  identify(session: Session, number: number): void {
    if (!this.#sessions.has(session)) return
    this.#sessions.set(session, number)
    if (this.#kicked?.has(number)) session.dismiss(endedByOperator())
  }

  #tell(): void {
    const kicked = this.#kicked?.news()
    let waitingRequests = 0
    let waitingUploads = 0
    for (const [session, number] of this.#sessions) {
      if (number !== undefined && kicked?.has(number)) session.dismiss(endedByOperator())
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

function endedByOperator(): ProtocolError {
  return new ProtocolError('permission-denied', 'the operator of the server ended this session')
}
