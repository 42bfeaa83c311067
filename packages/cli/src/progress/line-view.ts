import { formatHeartbeat } from './progress-line.js'
import type { ProgressView } from './progress-view.js'
import type { TransferBoard } from './transfer-board.js'

const HEARTBEAT_MS = 10_000

/** Progress for a log: a line for each finished file, and one every 10 seconds that says how far it is. */
export class LineView implements ProgressView {
  readonly #stderr: NodeJS.WritableStream
  readonly #timer: NodeJS.Timeout

  constructor(board: TransferBoard, stderr: NodeJS.WritableStream) {
    this.#stderr = stderr
    this.#timer = setInterval(() => {
      const [only] = board.active
      const position = board.isSingle ? only?.position() : board.overall()
      if (position) stderr.write(`${formatHeartbeat(position)}\n`)
    }, HEARTBEAT_MS)
    this.#timer.unref()
  }

  finished(line: string): void {
    this.#stderr.write(`${line}\n`)
  }

  end(): void {
    clearInterval(this.#timer)
  }
}
