import type { Socket } from 'node:net'

/** How many refused connections get an answer at the same time. */
const MAX_ANSWERED = 64
/** Time for that answer, in milliseconds. */
const ANSWER_TIME = 2_000

/** The connections that came while the server had as many as it may have, and that are being told so. */
export class RefusedConnections {
  #count = 0

  get areTooMany(): boolean {
    return this.#count >= MAX_ANSWERED
  }

  /** Resolves when `answer` and then `end` are done, or the time for the answer is over. */
  async add(
    socket: Socket,
    answer: () => void | Promise<void>,
    end: () => void | Promise<void>,
  ): Promise<void> {
    this.#count += 1
    const timer = setTimeout(() => socket.destroy(), ANSWER_TIME)
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    await Promise.race([answer(), gone])
    await end()
    clearTimeout(timer)
    this.#count -= 1
  }
}
