import { once } from 'node:events'

/** The process's two outputs. */
export interface Streams {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
}

export function standardStreams(): Streams {
  return { stdout: new OutputStream(process.stdout), stderr: new OutputStream(process.stderr) }
}

/** Thrown by a write whose reader is gone: nobody is left to tell, so the command just ends. */
class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** Whether that is why something failed. */
export function isReaderGone(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof ReaderGone) return true
  }
  return false
}

/** An output that notices when its reader goes (`ftp ls | head -1`) instead of crashing on EPIPE. */
export class OutputStream {
  readonly stream: NodeJS.WriteStream
  #state: 'open' | 'gone' = 'open'

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream
    stream.on('error', () => {
      this.#state = 'gone'
    })
  }

  /** Resolves when the stream takes more; throws ReaderGone where nobody reads. */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.#state === 'gone') throw new ReaderGone()
    if (this.stream.write(text)) return
    try {
      await once(this.stream, 'drain')
    } catch {
      throw new ReaderGone()
    }
  }

  /** For what can't wait and may get lost. */
  writeNow(text: string): void {
    if (this.#state === 'open') this.stream.write(text)
  }

  /** Resolves when all that was written has left the process, or can't. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === 'gone') resolve()
      else this.stream.write('', () => resolve())
    })
  }
}
