import type { ControlClient } from '../control/control-client.js'
import { statusTable } from './status-table.js'

/** How often the table is drawn anew, in ms. */
const INTERVAL = 1_000

/** The second screen of a terminal, without a cursor and without wrapping long lines; and back. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

/** Shows the table on the terminal until somebody presses q or Ctrl-C. Throws UsageError if the daemon is gone. */
export async function watchStatus(client: ControlClient): Promise<void> {
  // Whoever names a wrong socket is told so on the ordinary screen.
  let status = await client.status()
  const keys = new Keys()
  process.stdout.write(ENTER)
  try {
    for (;;) {
      draw(statusTable(status, Date.now()))
      if (await keys.isQuitWithin(INTERVAL)) return
      status = await client.status()
    }
  } finally {
    process.stdout.write(LEAVE)
    keys.close()
  }
}

function draw(lines: readonly string[]): void {
  const rows = (process.stdout.rows || 24) - 1
  const hidden = lines.length - rows
  const shown = hidden > 0 ? [...lines.slice(0, rows - 1), `… and ${hidden + 1} more`] : lines
  process.stdout.write(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE}\r\n`).join('')}${CLEAR_BELOW}`)
}

/** What is pressed while the table is shown. */
class Keys {
  #isQuit = false
  #wake: (() => void) | undefined
  readonly #onKeys = (keys: Buffer) => {
    if (/[qQ\u0003\u0004]/.test(keys.toString())) this.#quit()
  }
  readonly #quit = () => {
    this.#isQuit = true
    this.#wake?.()
  }

  constructor() {
    if (process.stdin.isTTY) process.stdin.setRawMode(true)
    process.stdin.on('data', this.#onKeys)
    process.on('SIGINT', this.#quit).on('SIGTERM', this.#quit)
  }

  async isQuitWithin(ms: number): Promise<boolean> {
    if (this.#isQuit) return true
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    return this.#isQuit
  }

  close(): void {
    if (process.stdin.isTTY) process.stdin.setRawMode(false)
    process.stdin.off('data', this.#onKeys).pause()
    process.off('SIGINT', this.#quit).off('SIGTERM', this.#quit)
  }
}
