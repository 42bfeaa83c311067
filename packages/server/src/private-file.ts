import { constants, type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from './usage-error.js'

/**
 * Reads a file that holds secrets, and that its owner alone may read and change. Undefined if it does not exist. `name`
 * is what messages call it. Throws UsageError.
 */
export async function readPrivateFile(
  path: string,
  name: string,
  maxSize: number,
): Promise<Buffer | undefined> {
  let file: FileHandle
  try {
    // A named pipe must not hold ftpd up.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new UsageError(`can't read ${name} (${code}); check its owner and mode`)
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new UsageError(`${name} is not a regular file; remove it, or name another one`)
    if (stat.size > maxSize) {
      throw new UsageError(
        `${name} has ${stat.size} bytes, and at most ${maxSize} are read; check whether it is the right file`,
      )
    }
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8)
      throw new UsageError(`others may read or change ${name} (mode ${mode}); run: chmod 600 ${path}`)
    }
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** Writes a file that does not exist yet, for its owner alone. When this resolves, its content is on the disk. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** Gives a file another name in the same folder. When this resolves, a loss of power does not undo it. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  const folder = await open(dirname(to), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
