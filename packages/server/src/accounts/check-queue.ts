import { ProtocolError } from '@jftp/protocol'

/** How many checks run at once. libuv has four threads, which other work needs too. */
const MAX_RUNNING = 2

/** How many checks may wait in each lane. The last waits about four seconds, which is less than the login deadline. */
const MAX_WAITING = { known: 32, unknown: 64 } as const

/** How many of these checks may come from one client address. */
const MAX_WAITING_PER_CLIENT = 8

/** How many clients are remembered because they knew a password. */
const MAX_KNOWN = 4096

type Check = () => Promise<void>
type LaneName = keyof typeof MAX_WAITING

/**
 * Runs expensive checks a few at a time. Clients take turns, so that one which sends very many passwords does not
 * keep the others waiting; what is too much is refused. Clients that have logged in before have a lane of their own,
 * with every other turn: guesses from however many addresses do not shut them out.
 */
export class CheckQueue {
  readonly #lanes = { known: new Lane(MAX_WAITING.known), unknown: new Lane(MAX_WAITING.unknown) }
  /** The longest unused first. */
  readonly #known = new Set<string>()
  /** The lane whose turn is next, if both have checks. */
  #next: LaneName = 'known'
  #running = 0

  /** Throws `rate-limited` if too many checks wait. */
  run<T>(client: string, check: () => Promise<T>): Promise<T> {
    const lane = this.#lanes[this.#known.has(client) ? 'known' : 'unknown']
    if (!lane.hasRoom(client)) throw tooMany()
    return new Promise((resolve, reject) => {
      lane.add(client, () => check().then(resolve, reject))
      this.#begin()
    })
  }

  /** Remembers that the client knew a password. */
  know(client: string): void {
    this.#known.delete(client)
    this.#known.add(client)
    const [oldest] = this.#known
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest)
  }

  #begin(): void {
    if (this.#running >= MAX_RUNNING) return
    const [first, second] =
      this.#next === 'known' ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    const check = this.#lanes[first].take() ?? this.#lanes[second].take()
    if (check === undefined) return
    this.#next = second
    this.#running++
    void check().finally(() => {
      this.#running--
      this.#begin()
    })
  }
}

/** Checks that wait, of clients that take turns. */
class Lane {
  readonly #max: number
  /** The client that is first has its turn next. */
  readonly #waiting = new Map<string, Check[]>()
  #count = 0

  constructor(max: number) {
    this.#max = max
  }

  hasRoom(client: string): boolean {
    return this.#count < this.#max && (this.#waiting.get(client)?.length ?? 0) < MAX_WAITING_PER_CLIENT
  }

  add(client: string, check: Check): void {
    const own = this.#waiting.get(client) ?? []
    own.push(check)
    this.#waiting.set(client, own)
    this.#count++
  }

  take(): Check | undefined {
    const [turn] = this.#waiting
    if (turn === undefined) return undefined
    const [client, [check, ...others]] = turn
    // Whoever has had a turn goes to the end.
    this.#waiting.delete(client)
    if (others.length > 0) this.#waiting.set(client, others)
    this.#count--
    return check
  }
}

function tooMany(): ProtocolError {
  return new ProtocolError('rate-limited', 'too many logins are being checked; try again later')
}
