import type { FtpClient } from '../client.js'

/** Files asked for over one connection without waiting. A connection leaves at most 256 requests unanswered. */
const MAX_FILES = 256

/** Bytes of those files, so that a few large files do not all go to one connection while others have nothing to do. */
const MAX_BYTES = 8 * 1024 * 1024

/** The next file is asked for before the one under way has ended, so that no round trip is lost between them. */
const MIN_FILES = 2

interface Lane {
  readonly client: FtpClient
  files: number
  bytes: number
}

/** The connections that share the files of a tree: the given one, and others that are opened when they are needed. */
export class Lanes implements AsyncDisposable {
  readonly #first: FtpClient
  readonly #limit: number
  readonly #lanes: Lane[]
  #wake: (() => void) | undefined

  /** `limit`: how many connections there may be, the first one included. */
  constructor(first: FtpClient, limit: number) {
    this.#first = first
    this.#limit = limit
    this.#lanes = [{ client: first, files: 0, bytes: 0 }]
  }

  /**
   * Runs `work` over the connection with the least to do. If no connection has room for it, the promise resolves when
   * it has begun; otherwise it has begun already, and nothing is returned. `work` must not reject.
   */
  begin(size: number, work: (client: FtpClient) => Promise<void>): void | Promise<void> {
    const lane = this.#free()
    return lane === undefined ? this.#beginLater(size, work) : this.#run(lane, size, work)
  }

  async #beginLater(size: number, work: (client: FtpClient) => Promise<void>): Promise<void> {
    let lane = this.#free()
    for (; lane === undefined; lane = this.#free()) await this.#change()
    this.#run(lane, size, work)
  }

  #run(lane: Lane, size: number, work: (client: FtpClient) => Promise<void>): void {
    lane.files++
    lane.bytes += size
    void work(lane.client).then(() => {
      lane.files--
      lane.bytes -= size
      this.#wake?.()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#lanes.some(({ files }) => files > 0)) await this.#change()
  }

  /** Closes the connections that were opened here. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.slice(1).map(({ client }) => client.close()))
  }

  #free(): Lane | undefined {
    let best: Lane | undefined
    for (const lane of this.#lanes) {
      const hasRoom = lane.files < MIN_FILES || (lane.files < MAX_FILES && lane.bytes < MAX_BYTES)
      if (hasRoom && (best === undefined || isLess(lane, best))) best = lane
    }
    const hasIdle = best?.files === 0
    return hasIdle || this.#lanes.length === this.#limit ? best : this.#open()
  }

  #open(): Lane {
    const lane = { client: this.#first.duplicate(), files: 0, bytes: 0 }
    this.#lanes.push(lane)
    return lane
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

function isLess(one: Lane, other: Lane): boolean {
  return one.bytes === other.bytes ? one.files < other.files : one.bytes < other.bytes
}
