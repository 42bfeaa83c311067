import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'
import type { DigestAlgorithm } from '@jftp/protocol'
import {
  type ByteSource,
  FileSource,
  type FileStart,
  hasChanged,
  readStart,
  THREAD_SIZE,
  type TransferThread,
} from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError, notAFile } from '../errors/local-error.js'
import type { LocalKind } from '../walked-put-options.js'
import { StreamUpload } from './stream-upload.js'
import type { FileFacts, StreamedBody, UploadBody, UploadSource, WholeBody } from './upload-source.js'

// Without O_NONBLOCK, opening a named pipe would stop this thread until somebody writes to it.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** A local file. This thread reads it synchronously, which was measured to be the fastest way for small files. */
export class FileUpload implements UploadSource {
  readonly local: string
  readonly #thread: TransferThread
  readonly #maxWhole: number
  readonly #kind: LocalKind

  /** A file of more bytes than `maxWhole` is sent in pieces. `kind`: what the caller has found at that path. */
  constructor(path: string, thread: TransferThread, maxWhole: number, kind: LocalKind = 'unknown') {
    this.local = path
    this.#thread = thread
    this.#maxWhole = maxWhole
    this.#kind = kind
  }

  abandon(): void {}

  open(): UploadBody {
    let fd: number
    try {
      // A named pipe must not be opened: whoever writes to it would get an error when it is closed again.
      if (this.#kind === 'unknown') requireFile(statSync(this.local), this.local)
      fd = openSync(this.local, READ)
    } catch (error) {
      throw fromLocalError(error, this.local)
    }
    try {
      const stat = fstatSync(fd)
      requireFile(stat, this.local)
      return this.#choose(fd, stat)
    } catch (error) {
      closeSync(fd)
      throw fromLocalError(error, this.local)
    }
  }

  #choose(fd: number, stat: Stats): UploadBody {
    // Files in /proc have content although their size is 0.
    if (stat.size === 0 && readSync(fd, Buffer.alloc(1), 0, 1, 0) > 0) return readToEnd(this.local, fd)
    if (stat.size <= this.#maxWhole) return new WholeFile(this.local, fd, stat)
    return new LargeFile(fd, stat, this.#thread)
  }
}

class WholeFile implements WholeBody {
  readonly type = 'whole'
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
      if (filled < target.length || hasChanged(this.#stat, fstatSync(this.#fd))) {
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

class LargeFile implements StreamedBody {
  readonly type = 'streamed'
  readonly size: number
  readonly #fd: number
  readonly #stat: Stats
  readonly #thread: TransferThread
  #source: ByteSource | undefined
  /** Resolves when its first bytes are no longer being read. */
  #starting: Promise<unknown> | undefined

  constructor(fd: number, stat: Stats, thread: TransferThread) {
    this.size = stat.size
    this.#fd = fd
    this.#stat = stat
    this.#thread = thread
  }

  get facts(): FileFacts {
    return factsOf(this.#stat)
  }

  readonly readStart = (size: number, digest: DigestAlgorithm): Promise<FileStart> => {
    const start = readStart(this.#fd, size, digest)
    this.#starting = start.catch(() => {})
    return start
  }

  read(digest: DigestAlgorithm, start?: FileStart): ByteSource {
    this.#source =
      this.size < THREAD_SIZE || start !== undefined
        ? new FileSource(this.#fd, digest, this.#stat, start)
        : this.#thread.openSource(this.#fd, digest, this.#stat)
    return this.#source
  }

  close(): void {
    const closing = this.#source?.close() ?? this.#starting
    if (closing === undefined) closeSync(this.#fd)
    else void closing.then(() => closeSync(this.#fd))
  }
}

/** A file whose size says nothing about its content. */
function readToEnd(path: string, fd: number): UploadBody {
  return new StreamUpload(createReadStream(path, { fd, start: 0 }), undefined).open()
}

function requireFile(stat: Stats, path: string): void {
  if (!stat.isFile()) throw notAFile(stat, path, 'put what it gives as a stream')
}

function factsOf(stat: Stats): FileFacts {
  const mtime = Math.floor(stat.mtimeMs)
  return { mtime: Number.isSafeInteger(mtime) ? mtime : undefined, mode: stat.mode & 0o7777 }
}
