/** What one thread tells of itself. */
export interface ThreadReading {
  /** The longest time that its event loop was late in the last seconds, in seconds. */
  readonly lag: number
  /** Requests that have come and wait for those before them. */
  readonly waitingRequests: number
  /** Uploads that have arrived and wait for the disk. */
  readonly waitingUploads: number
}

/** How often a thread writes, in ms. */
export const WRITE_INTERVAL = 1_000

/** Places of the numbers in a thread's part of the memory; `WRITTEN` is a time in ms since 1970. */
const WRITTEN = 0
const LAG = 1
const REQUESTS = 2
const UPLOADS = 3
const NUMBERS = 4

/**
 * Numbers that every thread writes into shared memory and the main thread reads. No message is needed, so a thread
 * that is too busy to send one shows here too.
 */
export class ThreadGauges {
  readonly memory: SharedArrayBuffer
  /** How many worker threads there may be; the main thread comes on top. */
  readonly #workers: number
  /** The id of the thread that writes each part; 0 if it is free. The main thread needs no entry, its part is the first. */
  readonly #owners: Int32Array
  readonly #numbers: Float64Array

  /** `memory` is that of the main thread's ThreadGauges. */
  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    const parts = memory.byteLength / PART_SIZE
    this.#workers = parts - 1
    this.#numbers = new Float64Array(memory, 0, parts * NUMBERS)
    this.#owners = new Int32Array(memory, this.#numbers.byteLength)
  }

  static for(workers: number): ThreadGauges {
    return new ThreadGauges(new SharedArrayBuffer((workers + 1) * PART_SIZE))
  }

  /** `thread` is the id of a worker thread, or 0 for the main thread. What is left out stays as it is. */
  write(thread: number, { lag, waitingRequests, waitingUploads }: Partial<ThreadReading>): void {
    const part = this.#partOf(thread)
    if (part === undefined) return
    const at = part * NUMBERS
    this.#numbers[at + WRITTEN] = Date.now()
    if (lag !== undefined) this.#numbers[at + LAG] = lag
    if (waitingRequests !== undefined) this.#numbers[at + REQUESTS] = waitingRequests
    if (waitingUploads !== undefined) this.#numbers[at + UPLOADS] = waitingUploads
  }

  /** To be called if a worker thread has died: those that live take their parts again. */
  forgetWorkers(): void {
    this.#owners.fill(0)
    this.#numbers.fill(0, NUMBERS)
  }

  /** Readings by name: `main`, `worker-1` and so on. A worker that has had no session yet has none. */
  *[Symbol.iterator](): IterableIterator<[name: string, reading: ThreadReading]> {
    for (let part = 0; part <= this.#workers; part++) {
      const [written = 0, lag = 0, waitingRequests = 0, waitingUploads = 0] = this.#numbers.subarray(
        part * NUMBERS,
        (part + 1) * NUMBERS,
      )
      if (written === 0) continue
      const overdue = Math.max(0, Date.now() - written - WRITE_INTERVAL) / 1000
      const name = part === 0 ? 'main' : `worker-${part}`
      yield [name, { lag: Math.max(lag, overdue), waitingRequests, waitingUploads }]
    }
  }

  /** The part that this thread has, or takes now; undefined if all are taken. */
  #partOf(thread: number): number | undefined {
    if (thread === 0) return 0
    for (let part = 1; part <= this.#workers; part++) {
      const owner = Atomics.compareExchange(this.#owners, part, 0, thread)
      if (owner === 0 || owner === thread) return part
    }
    return undefined
  }
}

/** Bytes of one thread's numbers, and of its owner padded to 8. */
const PART_SIZE = (NUMBERS + 1) * Float64Array.BYTES_PER_ELEMENT
