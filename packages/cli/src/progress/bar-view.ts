import { moveCursor } from 'node:readline'
import { MultiBar } from 'cli-progress'
import { displayWidth } from '../text/display-width.js'
import { formatProgressLine } from './progress-line.js'
import type { ProgressView } from './progress-view.js'
import type { TransferBoard } from './transfer-board.js'

/** Early enough that the user sees something happen, late enough that a quick transfer draws nothing. */
const FIRST_DRAW_MS = 60
const REDRAWS_PER_SECOND = 10
/** A logged line is written over a bar, which may be longer, so the rest of the row is cleared. */
const CLEAR_TO_END = '\x1b[K'
/** A terminal that takes a line for wider than we do cuts it, and does not wrap it. */
const WRAP_OFF = '\x1b[?7l'
const WRAP_ON = '\x1b[?7h'
const MAX_ACTIVE_LINES = 4

/**
 * Bars on a terminal. cli-progress moves the cursor and sets the pace. Each of its bars stands for a row of the
 * screen and asks the board what to show whenever it is drawn. The total comes first, so that rows that are not
 * in use are blank lines below everything.
 */
export class BarView implements ProgressView {
  readonly #board: TransferBoard
  readonly #stream: NodeJS.WriteStream
  #bars: MultiBar
  readonly #firstDraw: NodeJS.Timeout
  readonly #onResize = () => this.#redrawAtNewSize()
  /** Lines about finished files that the next redraw writes above the bars. */
  #waiting: string[] = []
  #drawn: string[] = []
  #rows = 0

  constructor(board: TransferBoard, stream: NodeJS.WriteStream) {
    this.#board = board
    this.#stream = stream
    this.#bars = this.#createBars()
    this.#makeRows()
    this.#firstDraw = setTimeout(() => this.#bars.update(), FIRST_DRAW_MS)
    stream.on('resize', this.#onResize)
  }

  finished(line: string): void {
    if (this.#drawn.length === 0) this.#stream.write(`${line}\n`)
    else this.#waiting.push(`${line}${CLEAR_TO_END}\n`)
  }

  end(): void {
    clearTimeout(this.#firstDraw)
    this.#stream.off('resize', this.#onResize)
    // Lines still waiting to be logged are written by a last update.
    if (this.#drawn.length > 0) this.#bars.update()
    this.#bars.stop()
  }

  #createBars(): MultiBar {
    const bars = new MultiBar({
      stream: this.#stream,
      fps: REDRAWS_PER_SECOND,
      format: (_options, _params, { row }: { row: number }) => `${WRAP_OFF}${this.#line(row)}${WRAP_ON}`,
      // Finished files are logged above the bars and scroll them, so every bar is drawn every time.
      forceRedraw: true,
      clearOnComplete: true,
      // A hidden cursor would stay hidden in the calling shell after Ctrl-Z.
      hideCursor: false,
      // With `true` cli-progress does not change whether the terminal wraps lines: a long line that it logs has to wrap.
      linewrap: true,
    })
    leaveLinesWhole(bars)
    bars.on('update-pre', () => {
      this.#makeRows()
      for (const line of this.#waiting.splice(0)) bars.log(line)
    })
    return bars
  }

  #makeRows(): void {
    const many = !this.#board.isSingle
    const room = Math.max(0, (this.#stream.rows || 24) - 3)
    const active = Math.min(MAX_ACTIVE_LINES, this.#board.active.length, room)
    const wanted = many ? 1 + active : 1
    for (; this.#rows < wanted; this.#rows++) this.#bars.create(1, 0, { row: this.#rows })
  }

  #line(row: number): string {
    const many = !this.#board.isSingle
    const position =
      many && row === 0 ? this.#board.overall() : this.#board.active[many ? row - 1 : 0]?.position()
    const line = position ? formatProgressLine(position, this.#width, this.#labelColumn) : ''
    this.#drawn[row] = line
    return line
  }

  /** All labels are padded to this width, so that the bars are aligned. */
  get #labelColumn(): number {
    if (this.#board.isSingle) return 0
    const labels = this.#board.active.slice(0, MAX_ACTIVE_LINES).map(({ subject }) => subject.label)
    return Math.max(displayWidth(this.#board.overall().label), ...labels.map(displayWidth))
  }

  /** The last column stays free, because some terminals wrap after it. */
  get #width(): number {
    return (this.#stream.columns || 80) - 1
  }

  /**
   * A terminal that became narrower has wrapped the lines, so the cursor first goes up over the added rows. One that
   * became lower may have no room for all bars, so they are made anew.
   */
  #redrawAtNewSize(): void {
    if (this.#drawn.length === 0) return
    const columns = this.#stream.columns || 80
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)),
      0,
    )
    moveCursor(this.#stream, 0, this.#drawn.length - rows)
    this.#bars.stop()
    this.#drawn = []
    this.#rows = 0
    this.#bars = this.#createBars()
    this.#makeRows()
    this.#bars.update()
  }
}

/** cli-progress takes each UTF-16 unit for a column, and would cut lines in which that is not so. */
function leaveLinesWhole(bars: MultiBar): void {
  const { terminal } = bars as MultiBar & { readonly terminal: { linewrap: boolean } }
  terminal.linewrap = false
}
