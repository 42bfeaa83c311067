import { ProtocolError } from '@jftp/protocol'

/** Checks at once. libuv has four threads, and others need them too. */
const MAX_RUNNING = 2

/** Checks that wait. The last of them takes about four seconds, which is less than the login deadline. */
const MAX_WAITING = 96

/** Of these, from one client address. */
const MAX_WAITING_PER_CLIENT = 8

type Check = () => Promise<void>

/**
 * Runs expensive checks a few at a time. Clients take turns, so that one which sends very many passwords does not
 * keep the others waiting; what is too much is refused.
 */
export class CheckQueue {
  /** The checks that wait, by client. The client that is first has its turn next. */
  readonly #waiting = new Map<string, Check[]>()
  #count = 0
  #running = 0

  /** Throws `rate-limited` if too many checks wait. */
  run<T>(client: string, check: () => Promise<T>): Promise<T> {
    const own = this.#waiting.get(client) ?? []
    if (this.#count >= MAX_WAITING || own.length >= MAX_WAITING_PER_CLIENT) throw tooMany()
    return new Promise((resolve, reject) => {
      own.push(() => check().then(resolve, reject))
      this.#waiting.set(client, own)
      this.#count++
      this.#next()
    })
  }

  #next(): void {
    if (this.#running >= MAX_RUNNING) return
    const [turn] = this.#waiting
    if (turn === undefined) return
    const [client, [check, ...others]] = turn
    // Whoever has had a turn goes to the end.
    this.#waiting.delete(client)
    if (others.length > 0) this.#waiting.set(client, others)
    this.#count--
    this.#running++
    void check?.().finally(() => {
      this.#running--
      this.#next()
    })
  }
}

function tooMany(): ProtocolError {
  return new ProtocolError('rate-limited', 'too many logins are being checked; try again later')
}
