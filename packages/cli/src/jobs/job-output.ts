import { Writable } from 'node:stream'
import { OutputStream, type Streams } from '../output/streams.js'
import { formatHeartbeat } from '../progress/progress-line.js'
import type { TransferBoard } from '../progress/transfer-board.js'

/** Characters of output that are kept for a job. */
const MAX_LENGTH = 64 * 1024

/** What a job prints, kept until it can be shown: stdout and stderr in the order in which they came. */
export class JobOutput {
  #text = ''
  #isCut = false
  #board: TransferBoard | undefined

  /** Sets the transfers that `progress` describes. */
  watch(board: TransferBoard): void {
    this.#board = board
  }

  /** How far the transfers are, in one line; undefined if there are none. */
  progress(): string | undefined {
    const [first] = this.#board?.active ?? []
    if (this.#board === undefined || first === undefined) return undefined
    return formatHeartbeat(this.#board.isSingle ? first.position() : this.#board.overall())
  }

  /** Streams that end here. */
  streams(): Streams {
    return { stdout: this.#stream('stdout'), stderr: this.#stream('stderr') }
  }

  /** The text since the last call. */
  take(): string {
    const text = this.#text
    const note = this.#isCut
      ? '(the rest of the output was dropped; redirect the output of a job to a file: > FILE)\n'
      : ''
    this.#text = ''
    this.#isCut = false
    return text + note
  }

  #stream(name: string): OutputStream {
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string | Uint8Array, _encoding, done) => {
        this.#add(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
        done()
      },
    })
    return new OutputStream(stream, name)
  }

  #add(text: string): void {
    const room = MAX_LENGTH - this.#text.length
    this.#text += text.slice(0, Math.max(0, room))
    if (text.length > room) this.#isCut = true
  }
}
