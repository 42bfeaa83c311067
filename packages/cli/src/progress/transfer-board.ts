import type { Position } from './progress-line.js'
import { RateMeter } from './rate-meter.js'

/** All that a batch is to move, as far as it is known before it begins. */
export interface Plan {
  readonly files: number
  /** Undefined if a size is not known yet. */
  readonly bytes: number | undefined
  /** `grows` if more files are found while the first ones are moved. */
  readonly isGrowing: boolean
}

/** The file that a transfer moves. */
export interface TransferSubject {
  /** The name that people see; printable. */
  readonly label: string
  /** The remote path. */
  readonly path: string
  readonly local?: string | undefined
}

/** Milliseconds of a clock that never goes back. */
export type Clock = () => number

/** What every view of a batch of transfers looks at: the files under way, and all together. */
export class TransferBoard {
  /** Whether there is one file and there will be no other. */
  readonly isSingle: boolean
  #plan: Plan
  readonly #clock: Clock
  readonly #meter: RateMeter
  readonly #active = new Set<ActiveTransfer>()
  #endedFiles = 0
  #endedBytes = 0
  #endedPassed = 0
  /** When the connection was last free for the next file. */
  #freeSince: number
  readonly #link: BoardLink = {
    freeSince: () => this.#freeSince,
    onEnd: (transfer) => this.#end(transfer),
    onDrop: (transfer) => this.#active.delete(transfer),
  }

  constructor(plan: Plan, clock: Clock = () => performance.now()) {
    this.isSingle = !plan.isGrowing && plan.files === 1
    this.#plan = plan
    this.#clock = clock
    this.#freeSince = clock()
    this.#meter = new RateMeter(this.#freeSince)
  }

  /** One file more was found. */
  grow(size: number): void {
    const { files, bytes, isGrowing } = this.#plan
    this.#plan = { files: files + 1, bytes: bytes === undefined ? undefined : bytes + size, isGrowing }
  }

  /** No more files will be found. */
  complete(): void {
    this.#plan = { ...this.#plan, isGrowing: false }
  }

  /** A file needs no transfer. */
  pass(): void {
    this.#endedFiles++
  }

  /** Puts a file on the board until its `end` is called. */
  begin(subject: TransferSubject, total: number | undefined): ActiveTransfer {
    const transfer = new ActiveTransfer(subject, total, this.#clock, this.#link)
    this.#active.add(transfer)
    return transfer
  }

  /** The files whose bytes are moving. A file that is alone is among them from the start. */
  get active(): readonly ActiveTransfer[] {
    const all = [...this.#active]
    return this.isSingle ? all : all.filter((transfer) => transfer.bytes > 0)
  }

  /** All files together. */
  overall(): Position {
    const now = this.#clock()
    const { files, bytes: total, isGrowing } = this.#plan
    let bytes = this.#endedBytes
    let passed = this.#endedPassed
    for (const transfer of this.#active) {
      bytes += transfer.bytes
      passed += transfer.passed
    }
    this.#meter.update(passed, now)
    return {
      label: `${this.#endedFiles}/${files}${isGrowing ? '+' : ''} files`,
      bytes,
      total,
      rate: this.#meter.rate(now),
      isStalled: this.#meter.stalled(now),
    }
  }

  #end(transfer: ActiveTransfer): void {
    this.#active.delete(transfer)
    this.#endedFiles++
    this.#endedBytes += transfer.bytes
    this.#endedPassed += transfer.passed
    this.#freeSince = this.#clock()
  }
}

/** What a transfer needs from its board. */
interface BoardLink {
  freeSince(): number
  onEnd(transfer: ActiveTransfer): void
  onDrop(transfer: ActiveTransfer): void
}

/** One file under way. */
export class ActiveTransfer {
  readonly subject: TransferSubject
  readonly #clock: Clock
  readonly #board: BoardLink
  /** Undefined before it is needed: of many small files, most are over before anybody asks for their rate. */
  #meter: RateMeter | undefined
  #startedAt: number
  #bytes = 0
  #resumedFrom = 0
  #total: number | undefined

  constructor(subject: TransferSubject, total: number | undefined, clock: Clock, board: BoardLink) {
    this.subject = subject
    this.#total = total
    this.#clock = clock
    this.#board = board
    this.#startedAt = clock()
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Bytes that were moved now, which is what a rate is about. An earlier transfer may have moved others. */
  get passed(): number {
    return Math.max(0, this.#bytes - this.#resumedFrom)
  }

  /** Milliseconds since its bytes began to move. The time spent waiting behind other files does not count. */
  get ms(): number {
    return this.#clock() - this.#startedAt
  }

  /** Takes what the library reports. It is called often, so nothing is drawn here. */
  update(bytes: number, total: number | undefined, resumedFrom = 0): void {
    if (this.#bytes === 0 && bytes > 0) {
      this.#startedAt = Math.max(this.#startedAt, this.#board.freeSince())
      this.#meter = undefined
      // If it is cut later and goes on by itself, what it had moved till then still counts.
      this.#resumedFrom = resumedFrom
    }
    this.#bytes = bytes
    this.#total = total ?? this.#total
    // A file that has come whole needs no rate.
    if (bytes !== this.#total) this.#measured().update(this.passed, this.#clock())
  }

  position(): Position {
    const now = this.#clock()
    const meter = this.#measured()
    meter.update(this.passed, now)
    return {
      label: this.subject.label,
      bytes: this.#bytes,
      total: this.#total,
      rate: meter.rate(now),
      isStalled: meter.stalled(now),
    }
  }

  #measured(): RateMeter {
    this.#meter ??= new RateMeter(this.#startedAt)
    return this.#meter
  }

  end(): void {
    this.#board.onEnd(this)
  }

  /** Takes it off the board as if it had never begun, because it will be tried again. */
  drop(): void {
    this.#board.onDrop(this)
  }
}
