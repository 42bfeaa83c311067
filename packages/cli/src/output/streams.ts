import { once } from 'node:events'
import { fstatSync, writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { fromLocalError } from '@jftp/client'

/** Where an output goes: a terminal, a file, a pipe to a program, or memory. */
export type Target = Writable & {
  readonly fd?: number | null
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The two outputs of a command. */
export interface Streams {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
}

export function standardStreams(): Streams {
  return {
    stdout: new OutputStream(process.stdout, 'stdout'),
    stderr: new OutputStream(process.stderr, 'stderr'),
  }
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
  readonly stream: Target
  readonly #name: string
  /** The descriptor if it is one of a file. */
  readonly #file: number | undefined
  #failure: Error | undefined
  #drained: Promise<unknown> | undefined

  /** `name` is what messages about failures call it. */
  constructor(stream: Target, name: string) {
    this.stream = stream
    this.#name = name
    this.#file = fileOf(stream)
    stream.on('error', (error) => this.#fail(error))
    // If a program has ended, what it has not read is lost without an error.
    stream.once('close', () => {
      if (!stream.writableFinished) this.#failure ??= new ReaderGone()
    })
  }

  /** Resolves when the stream takes more. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#send(data)) return
    this.#throwFailure()
    this.#drained ??= this.#drain().finally(() => {
      this.#drained = undefined
    })
    await this.#drained
    this.#throwFailure()
  }

  /** All who wait share its listeners. A failure ends the wait too, and #fail has then been told why. */
  async #drain(): Promise<void> {
    const over = new AbortController()
    const { signal } = over
    try {
      await Promise.race([once(this.stream, 'drain', { signal }), once(this.stream, 'close', { signal })])
    } catch {
      // #fail was told.
    } finally {
      over.abort()
    }
  }

  /** For a caller that can't wait. The next `write` or `flush` throws what went wrong. */
  writeNow(text: string): void {
    this.#send(text)
  }

  /** Resolves when all that was written has left the process; throws if some of it could not. */
  async flush(): Promise<void> {
    if (this.#failure === undefined && this.#file === undefined) {
      await new Promise<void>((resolve) => this.stream.write('', () => resolve()))
    }
    this.#throwFailure()
  }

  /** Whether the stream takes more at once. */
  #send(data: string | Uint8Array): boolean {
    if (this.#failure !== undefined) return false
    if (this.#file === undefined) return this.stream.write(data)
    try {
      writeWhole(this.#file, typeof data === 'string' ? Buffer.from(data) : data)
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #fail(error: unknown): void {
    const isGone = (error as NodeJS.ErrnoException).code === 'EPIPE'
    this.#failure ??= isGone ? new ReaderGone() : fromLocalError(error, this.#name)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}

/** The descriptor of a regular file or a device such as /dev/full, but not of a terminal, a pipe or a socket. */
function fileOf({ fd, isTTY }: Target): number | undefined {
  if (isTTY || typeof fd !== 'number') return undefined
  const stats = fstatSync(fd)
  return stats.isFile() || stats.isCharacterDevice() ? fd : undefined
}

/**
 * Writes all bytes. Node's own stream for a file ignores how many bytes a write took. If a full disk took a part
 * of a piece, the rest would be lost without an error.
 */
function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}
