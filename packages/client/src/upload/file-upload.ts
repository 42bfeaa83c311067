import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type DigestAlgorithm, MAX_EAGER_SIZE } from '@jftp/protocol'
import { type ByteSource, FileSource, THREAD_SIZE, type TransferThread } from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { StreamUpload } from './stream-upload.js'
import type { FileFacts, StreamedUpload, Upload, UploadSource, WholeUpload } from './upload-source.js'

// Without O_NONBLOCK, opening a named pipe would stop this thread until somebody writes to it.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** A local file. What is read in this thread is read synchronously: measured, the fastest for small files. */
export class FileUpload implements UploadSource {
  readonly local: string
  readonly #thread: TransferThread

  constructor(path: string, thread: TransferThread) {
    this.local = path
    this.#thread = thread
  }

  open(): Upload {
    let fd: number
    try {
      fd = openSync(this.local, READ)
    } catch (error) {
      throw fromLocalError(error, this.local)
    }
    try {
      return this.#choose(fd, fstatSync(fd))
    } catch (error) {
      closeSync(fd)
      throw fromLocalError(error, this.local)
    }
  }

  #choose(fd: number, stat: Stats): Upload {
    if (stat.isDirectory()) {
      throw new FtpError('local-is-a-directory', `${this.local}: it is a folder; name a file`, {
        path: this.local,
      })
    }
    // What is in /proc has content and size 0.
    const isPlain = stat.isFile() && (stat.size > 0 || readSync(fd, Buffer.alloc(1), 0, 1, 0) === 0)
    if (!isPlain) return openPipe(this.local, fd)
    if (stat.size <= MAX_EAGER_SIZE) return new WholeFile(this.local, fd, stat)
    return new LargeFile(fd, stat, this.#thread)
  }
}

class WholeFile implements WholeUpload {
  readonly kind = 'whole'
  readonly size: number
  readonly #path: string
  readonly #fd: number
  readonly #stat: Stats

  constructor(path: string, fd: number, stat: Stats) {
    this.size = stat.size
    this.#path = path
    this.#fd = fd
    this.#stat = stat
  }

  get facts(): FileFacts {
    return factsOf(this.#stat)
  }

  fill(target: Uint8Array): void {
    try {
      let filled = 0
      while (filled < target.length) {
        const count = readSync(this.#fd, target, filled, target.length - filled, filled)
        if (count === 0) break
        filled += count
      }
      const after = fstatSync(this.#fd)
      if (filled < target.length || after.size !== this.size || after.mtimeMs !== this.#stat.mtimeMs) {
        throw new FtpError('changed', `${this.#path}: it changed while it was read; put it again`, {
          path: this.#path,
        })
      }
    } catch (error) {
      throw fromLocalError(error, this.#path)
    } finally {
      closeSync(this.#fd)
    }
  }
}

class LargeFile implements StreamedUpload {
  readonly kind = 'streamed'
  readonly size: number
  readonly #fd: number
  readonly #stat: Stats
  readonly #thread: TransferThread
  #source: ByteSource | undefined

  constructor(fd: number, stat: Stats, thread: TransferThread) {
    this.size = stat.size
    this.#fd = fd
    this.#stat = stat
    this.#thread = thread
  }

  get facts(): FileFacts {
    return factsOf(this.#stat)
  }

  read(digest: DigestAlgorithm): ByteSource {
    this.#source =
      this.size < THREAD_SIZE
        ? new FileSource(this.#fd, digest, this.#stat)
        : this.#thread.openSource(this.#fd, digest)
    return this.#source
  }

  close(): void {
    const closing = this.#source?.close()
    if (closing === undefined) closeSync(this.#fd)
    else void closing.then(() => closeSync(this.#fd))
  }
}

/** A pipe or a device is read to its end. */
function openPipe(path: string, fd: number): Upload {
  const stream = createReadStream(path)
  // Only now: a writer whose last reader goes away is killed.
  stream.once('open', () => closeSync(fd)).once('error', () => closeSync(fd))
  return new StreamUpload(stream, undefined).open()
}

function factsOf(stat: Stats): FileFacts {
  return { mtime: Math.floor(stat.mtimeMs), mode: stat.mode & 0o7777 }
}
