import { totalOf } from './progress-line.js'
import type { ProgressTargets, ProgressView } from './progress-view.js'
import type { ActiveTransfer, TransferBoard } from './transfer-board.js'

/** Four files twice a second make eight events a second. Readers are promised at most ten. */
const INTERVAL_MS = 500
const MAX_FILES = 4

/** Progress for a program: how far each file is that has moved. */
export class JsonView implements ProgressView {
  readonly #timer: NodeJS.Timeout
  readonly #reported = new WeakMap<ActiveTransfer, number>()

  constructor(board: TransferBoard, onPosition: ProgressTargets['onPosition']) {
    this.#timer = setInterval(() => {
      for (const transfer of board.active.slice(0, MAX_FILES)) {
        const position = transfer.position()
        const { bytes } = position
        if (this.#reported.get(transfer) === bytes) continue
        this.#reported.set(transfer, bytes)
        onPosition(transfer.subject, bytes, totalOf(position))
      }
    }, INTERVAL_MS)
    this.#timer.unref()
  }

  finished(): void {}

  end(): void {
    clearInterval(this.#timer)
  }
}
