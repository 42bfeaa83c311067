import type { ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Awaitable, CommitOutcome, Upload, UploadOptions } from './storage.js'

/** Who keeps the accounts of a quota. They are the same for all threads. */
export interface QuotaKeeper {
  /** Sets bytes aside. Resolves to the number of the reservation, or to the error if there are not so many left. */
  reserve(bytes: number): Promise<number | ProtocolError>
  /** Ends a reservation: so many bytes were stored. */
  settle(reservation: number, stored: number): void
}

/** How much is set aside at once if nobody has said how much will come: 4 MiB. */
const STEP = 4 * 1024 * 1024

/** Sets aside what an upload will need before its first byte, and more when it turns out to be larger. */
export class UploadQuota {
  readonly #keeper: QuotaKeeper

  constructor(keeper: QuotaKeeper) {
    this.#keeper = keeper
  }

  /**
   * The same upload. Throws `over-quota` if there is no room for it. What it replaces counts until it is gone, because
   * both are on the disk at the same time.
   */
  async limit(opening: Awaitable<Upload | 'skipped'>, options: UploadOptions): Promise<Upload | 'skipped'> {
    const upload = await opening
    if (upload === 'skipped') return upload
    const limited = new LimitedUpload(upload, options.size ?? 0, this.#keeper)
    // The file that is there may turn out to be equal, and then nothing is stored.
    if (options.resume) return limited
    try {
      await limited.begin()
      return limited
    } catch (error) {
      await limited.discard()
      throw error
    }
  }
}

class LimitedUpload implements Upload {
  readonly start: TransferSummary | undefined
  readonly #upload: Upload
  readonly #announced: number
  readonly #keeper: QuotaKeeper
  readonly #reservations: number[] = []
  /** How large the file may become with what is set aside. */
  #room = 0
  #size: number

  constructor(upload: Upload, announced: number, keeper: QuotaKeeper) {
    this.#upload = upload
    this.#announced = announced
    this.#keeper = keeper
    this.start = upload.start
    this.#size = upload.start?.size ?? 0
  }

  /** Sets aside what was announced. */
  begin(): Promise<void> {
    return this.#need(this.#announced)
  }

  async write(pieces: Uint8Array[]): Promise<void> {
    this.#size += pieces.reduce((sum, { length }) => sum + length, 0)
    if (this.#size > this.#room) await this.#needMore()
    await this.#upload.write(pieces)
  }

  finish(): Awaitable<TransferSummary> {
    return this.#upload.finish()
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    this.#upload.commit((outcome) => {
      this.#settle(outcome.type === 'stored' ? this.#size : 0)
      done(outcome)
    })
  }

  async keep(): Promise<void> {
    await this.#upload.keep()
    this.#settle(0)
  }

  async discard(): Promise<void> {
    await this.#upload.discard()
    this.#settle(0)
  }

  /** If there is no room for what was announced or for a whole step, there may be enough for what has come. */
  async #needMore(): Promise<void> {
    const wanted = Math.max(this.#announced, this.#size)
    if (wanted > this.#size) return this.#need(wanted)
    try {
      await this.#need(this.#size + STEP)
    } catch {
      await this.#need(this.#size)
    }
  }

  async #need(size: number): Promise<void> {
    const missing = size - this.#room
    if (missing <= 0) return
    const answer = await this.#keeper.reserve(missing)
    if (typeof answer !== 'number') throw answer
    this.#reservations.push(answer)
    this.#room = size
  }

  /** `stored` is counted once, with the first reservation. An empty file has none, and takes no room. */
  #settle(stored: number): void {
    for (const [index, reservation] of this.#reservations.splice(0).entries()) {
      this.#keeper.settle(reservation, index === 0 ? stored : 0)
    }
  }
}
