import type { RateLimit } from '@jftp/transfer'
import type { ByteReader, Upload } from '../storage/storage.js'
import type { Exchange } from './exchange.js'

/** A client that is held back gets a PING about this often, in ms: otherwise it could take the wait for a stall. */
const SIGN_OF_LIFE = 500

/** A timer can't be shorter than this, in ms. A shorter wait is left out, and the next one is longer for it. */
const SHORTEST_WAIT = 1

/**
 * Keeps one session to the rates that hold for its visitor. It asks for time for one portion after the other, and
 * every session's portions have the same size. Whoever asks first is served first, so sessions that want more than
 * there is take turns, and each gets the same number of bytes, whether its files are large or small.
 */
export class Pace {
  readonly #rates: readonly RateLimit[]
  readonly #showLife: () => void
  /** Bytes whose time has come and that have not moved yet. */
  #granted = 0
  #lastSign = performance.now()

  /** `showLife` sends a PING. */
  constructor(rates: readonly RateLimit[], showLife: () => void) {
    this.#rates = rates
    this.#showLife = showLife
  }

  /** The same bytes, no faster than the rates allow. */
  reader(source: ByteReader, exchange: Exchange): ByteReader {
    if (!this.#isLimited) return source
    const pace = this
    return {
      get left() {
        return source.left
      },
      async read(target) {
        const most = await pace.#take(target.length, exchange)
        const count = await source.read(target.subarray(0, most))
        pace.#granted += most - count
        return count
      },
      finish: () => source.finish(),
      close: () => source.close(),
    }
  }

  /** The same upload, which takes bytes no faster than the rates allow. */
  upload(upload: Upload, exchange: Exchange): Upload {
    if (!this.#isLimited) return upload
    return {
      start: upload.start,
      write: async (pieces) => {
        let left = pieces.reduce((sum, { length }) => sum + length, 0)
        while (left > 0) left -= await this.#take(left, exchange)
        await upload.write(pieces)
      },
      finish: () => upload.finish(),
      commit: (done) => upload.commit(done),
      keep: () => upload.keep(),
      discard: () => upload.discard(),
    }
  }

  get #isLimited(): boolean {
    return this.#rates.some((rate) => rate.isLimited)
  }

  /** Resolves to how many bytes may move now, at most as many as are wanted: as soon as possible if it is cancelled. */
  async #take(wanted: number, exchange: Exchange): Promise<number> {
    if (this.#granted === 0) {
      // The rates may change while a transfer runs.
      const portion = Math.min(...this.#rates.map((rate) => rate.portion))
      await this.#wait(Math.max(...this.#rates.map((rate) => rate.reserve(portion))), exchange)
      this.#granted = portion
    }
    const taken = exchange.isCancelled ? wanted : Math.min(wanted, this.#granted)
    this.#granted = Math.max(0, this.#granted - taken)
    return taken
  }

  async #wait(ms: number, exchange: Exchange): Promise<void> {
    const end = performance.now() + ms
    for (;;) {
      const now = performance.now()
      if (end - now < SHORTEST_WAIT || exchange.isCancelled) return
      if (now - this.#lastSign >= SIGN_OF_LIFE) {
        this.#lastSign = now
        this.#showLife()
      }
      await sleep(Math.min(end - now, SIGN_OF_LIFE), exchange)
    }
  }
}

/** Resolves after that time, or when the exchange is cancelled. */
function sleep(ms: number, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      exchange.onCancel = undefined
      resolve()
    }
    const timer = setTimeout(done, ms)
    exchange.onCancel = done
  })
}
