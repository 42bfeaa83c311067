import { constants, type FileHandle, link, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from '../usage-error.js'

/** More than any certificate with its key has: 256 KiB. */
const MAX_SIZE = 256 * 1024

/**
 * Reads a file that holds a certificate and its private key. If there is none, makes a self-signed certificate. If two
 * daemons do that at once, both use the one that was stored first. Throws UsageError.
 */
export async function readOrMakeCertificate(path: string): Promise<string> {
  const kept = await readPrivate(path)
  if (kept !== undefined) return kept
  // Most daemons have a certificate already, and the library takes half a second to load.
  const { makeSelfSigned } = await import('./self-signed.js')
  await store(path, await makeSelfSigned())
  const stored = await readPrivate(path)
  if (stored === undefined) throw new UsageError(`${path} was removed while ftpd started; start it again`)
  return stored
}

async function readPrivate(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new UsageError(`--tls auto: can't read ${path} (${code}); check its owner and mode`)
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new UsageError(`--tls auto: ${path} is not a regular file; remove it`)
    if (stat.size > MAX_SIZE) throw new UsageError(`--tls auto: ${path} is no certificate; remove it`)
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8)
      throw new UsageError(
        `--tls auto: others may read or change the private key in ${path} (mode ${mode}); run: chmod 600 ${path}`,
      )
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** The file appears under its name only when it is whole. If another daemon was faster, its file stays. */
async function store(path: string, pem: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await rm(draft, { force: true })
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(pem)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(draft, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    throw new UsageError(
      `--tls auto: can't store a certificate in ${path} (${code}); make its folder writable, or set XDG_STATE_HOME to one that is`,
    )
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
}
