import { Writable } from 'node:stream'

/** Characters that may wait for whoever reads the log; lines that come then are dropped, and counted. */
const MAX_WAITING = 1024 * 1024

/** Lines are written at the latest when they have so many characters together. */
const MAX_BATCH = 64 * 1024

/**
 * Standard output as a place for log lines. Files are served whatever becomes of the log: if nobody reads it in
 * time, lines are dropped and counted, and if its reader is gone, no more are written. The lines of one turn of
 * the event loop are written together, because each write costs more than the line.
 */
export class LogOutput extends Writable {
  #lines = ''
  #dropped = 0
  #hasReaderGone = false

  constructor() {
    super({ decodeStrings: false })
    process.stdout.on('error', () => {
      this.#hasReaderGone = true
    })
    process.on('exit', () => this.#flush())
  }

  override _write(line: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.add(line.toString())
    done()
  }

  /** Does what `write` does, without the work of a stream for each line. */
  add(line: string): void {
    if (this.#hasReaderGone) return
    if (process.stdout.writableLength > MAX_WAITING) {
      this.#dropped++
      return
    }
    if (this.#lines === '') setImmediate(() => this.#flush())
    if (this.#dropped > 0) this.#lines += this.#droppedLine()
    this.#lines += line
    if (this.#lines.length > MAX_BATCH) this.#flush()
  }

  #flush(): void {
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '' && !this.#hasReaderGone) process.stdout.write(lines)
  }

  #droppedLine(): string {
    const count = this.#dropped
    this.#dropped = 0
    const lost = { level: 40, time: new Date().toISOString(), type: 'log-lines-dropped', count }
    return `${JSON.stringify({ ...lost, msg: 'nobody read the log in time' })}\n`
  }
}
