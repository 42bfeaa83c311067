import { once } from 'node:events'
import { fstatSync, writeSync } from 'node:fs'
import { fromLocalError } from '@jftp/client'

/** The process's two outputs. */
export interface Streams {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
}

export function standardStreams(): Streams {
  return { stdout: new OutputStream(process.stdout), stderr: new OutputStream(process.stderr) }
}

/** Thrown by a write if the reader has gone away. Nobody is left to be told, so the command just ends. */
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

/**
 * An output on which every write is checked. After the first failure each write throws the same error: a
 * ReaderGone if the reader went away (`ftp ls | head -1`), else an FtpError.
 */
export class OutputStream {
  readonly stream: NodeJS.WriteStream & { readonly fd: number }
  readonly #isFile: boolean
  #failure: Error | undefined
  #drained: Promise<unknown> | undefined

  constructor(stream: NodeJS.WriteStream & { readonly fd: number }) {
    this.stream = stream
    this.#isFile = isFile(stream)
    stream.on('error', (error) => this.#fail(error))
  }

  /** Resolves when the stream takes more. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#send(data)) return
    this.#throwFailure()
    // All who wait share one listener. A failure ends the wait too; the 'error' event has then told #fail why.
    this.#drained ??= once(this.stream, 'drain')
      .catch(() => {})
      .finally(() => {
        this.#drained = undefined
      })
    await this.#drained
    this.#throwFailure()
  }

  /** For a caller that can't wait. The next `write` or `flush` throws what went wrong. */
  writeNow(text: string): void {
    this.#send(text)
  }

  /** Resolves when all that was written has left the process; throws if some of it could not. */
  async flush(): Promise<void> {
    if (this.#failure === undefined && !this.#isFile) {
      await new Promise<void>((resolve) => this.stream.write('', () => resolve()))
    }
    this.#throwFailure()
  }

  /** Whether the stream takes more at once. */
  #send(data: string | Uint8Array): boolean {
    if (this.#failure !== undefined) return false
    if (!this.#isFile) return this.stream.write(data)
    try {
      writeWhole(this.stream.fd, typeof data === 'string' ? Buffer.from(data) : data)
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #fail(error: unknown): void {
    const isGone = (error as NodeJS.ErrnoException).code === 'EPIPE'
    const name = this.stream.fd === 2 ? 'stderr' : 'stdout'
    this.#failure ??= isGone ? new ReaderGone() : fromLocalError(error, name)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}

/** Whether it is a regular file or a device such as /dev/full, rather than a terminal, a pipe or a socket. */
function isFile(stream: NodeJS.WriteStream & { readonly fd: number }): boolean {
  if (stream.isTTY) return false
  const stats = fstatSync(stream.fd)
  return stats.isFile() || stats.isCharacterDevice()
}

/**
 * Writes all bytes. Node's own stream for a file ignores how many bytes a write took. If a full disk took a part
 * of a piece, the rest would be lost without an error.
 */
function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}
