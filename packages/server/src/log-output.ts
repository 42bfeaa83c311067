import { Writable } from 'node:stream'

/** Bytes that may wait for whoever reads the log; what comes then is dropped, and counted. */
const MAX_WAITING = 1024 * 1024

/**
 * Standard output as a place for log lines. Files are served whatever becomes of the log: if nobody reads it in
 * time, lines are dropped and counted, and if its reader is gone, no more are written.
 */
export class LogOutput extends Writable {
  #dropped = 0
  #hasReaderGone = false

  constructor() {
    super({ decodeStrings: false })
    process.stdout.on('error', () => {
      this.#hasReaderGone = true
    })
  }

  override _write(line: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pass(line)
    done()
  }

  #pass(line: string | Buffer): void {
    if (this.#hasReaderGone) return
    if (process.stdout.writableLength > MAX_WAITING) {
      this.#dropped++
      return
    }
    if (this.#dropped > 0) {
      const lost = {
        level: 40,
        time: new Date().toISOString(),
        type: 'log-lines-dropped',
        count: this.#dropped,
      }
      this.#dropped = 0
      process.stdout.write(`${JSON.stringify({ ...lost, msg: 'nobody read the log in time' })}\n`)
    }
    process.stdout.write(line)
  }
}
