import { closeSync, constants, createReadStream, fstatSync, openSync, type Stats } from 'node:fs'
import { Socket } from 'node:net'
import { addAbortSignal, type Readable } from 'node:stream'
import { FtpError, fromLocalError } from '@jftp/client'

/** What is larger was named by mistake. In bytes. */
const MAX_SIZE = 1024 * 1024

export interface ReadOptions {
  /** Is told what the path leads to before that is read; may throw. */
  readonly check?: (facts: Stats) => void
  /** Ends the wait for whoever writes to a pipe. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The content of a file that people write: settings, passwords, keys, rules. It may also be a pipe, as in
 * `--password-file <(pass show nas)`. Throws `usage` if there is more than 1 MiB, or the error of the file.
 */
export async function readSmallFile(path: string, options: ReadOptions = {}): Promise<Buffer> {
  try {
    return await read(path, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    throw fromLocalError(error, path)
  }
}

/** The same, and undefined if there is no such file that this user may read. */
export async function readOptionalFile(path: string, options: ReadOptions = {}): Promise<Buffer | undefined> {
  try {
    return await read(path, options)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A service may run with a home folder that is not its own.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined
    throw fromLocalError(error, path)
  }
}

async function read(path: string, { check, signal }: ReadOptions): Promise<Buffer> {
  const content = openContent(path, check)
  if (signal !== undefined) addAbortSignal(signal, content)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of content as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_SIZE) throw new FtpError('usage', `${path} has more than ${MAX_SIZE} bytes`, { path })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** No thread may wait for whoever writes to a pipe: Node would not exit before that thread goes on. */
function openContent(path: string, check: ReadOptions['check']): Readable {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const facts = fstatSync(fd)
    check?.(facts)
    return facts.isFIFO() ? new Socket({ fd, readable: true }) : createReadStream(path, { fd })
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
