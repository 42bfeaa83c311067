import xterm from '@xterm/headless'

/** Two changes in less time than this are one frame, in ms. */
const FRAME = 80

/** A terminal that nobody sees. It remembers what it has shown, and when. */
export class Screen {
  #terminal
  #began = performance.now()
  #frames = []

  constructor({ columns, rows }) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: false })
  }

  write(bytes) {
    this.#terminal.write(bytes, () => this.#take())
  }

  /** The line that the cursor is in, up to the cursor. */
  get lastLine() {
    const { active } = this.#terminal.buffer
    return active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX) ?? ''
  }

  /** What was seen at `at`, in ms from the beginning: lines of runs of cells that look alike. */
  get frames() {
    return this.#frames
  }

  #take() {
    const at = performance.now() - this.#began
    const last = this.#frames.at(-1)
    const frame = { at, lines: this.#lines() }
    if (last !== undefined && at - last.at < FRAME)
      this.#frames[this.#frames.length - 1] = { ...frame, at: last.at }
    else this.#frames.push(frame)
  }

  #lines() {
    const { active } = this.#terminal.buffer
    return Array.from({ length: this.#terminal.rows }, (_, row) => runsOf(active.getLine(active.baseY + row)))
  }
}

function runsOf(line) {
  const runs = []
  for (let column = 0; column < line.length; column++) {
    const cell = line.getCell(column)
    if (cell.getWidth() === 0) continue
    const look = {
      color: cell.isFgPalette() ? cell.getFgColor() : undefined,
      isBold: cell.isBold() !== 0,
      isDim: cell.isDim() !== 0,
    }
    const text = cell.getChars() || ' '
    const last = runs.at(-1)
    if (last !== undefined && JSON.stringify(last.look) === JSON.stringify(look)) last.text += text
    else runs.push({ column, text, look })
  }
  // What is blank at the end of a line can't be seen.
  while (runs.length > 0 && runs.at(-1).text.trim() === '') runs.pop()
  return runs.map((run) => ({ ...run, text: run.text.trimEnd() }))
}
