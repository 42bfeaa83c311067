import { link, mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readPrivateFile, writePrivateFile } from '../private-file.js'
import { UsageError } from '../usage-error.js'

/** More than any certificate with its key has: 256 KiB. */
const MAX_SIZE = 256 * 1024

/**
 * Reads a file that holds a certificate and its private key. If there is none, makes a self-signed certificate. If two
 * daemons do that at once, both use the one that was stored first. Throws UsageError.
 */
export async function readOrMakeCertificate(path: string): Promise<string> {
  const kept = await read(path)
  if (kept !== undefined) return kept
  // Most daemons have a certificate already, and the library takes half a second to load.
  const { makeSelfSigned } = await import('./self-signed.js')
  await store(path, await makeSelfSigned())
  const stored = await read(path)
  if (stored === undefined) throw new UsageError(`${path} was removed while ftpd started; start it again`)
  return stored
}

async function read(path: string): Promise<string | undefined> {
  return (await readPrivateFile(path, `the private key in ${path}`, MAX_SIZE))?.toString()
}

/** The file appears under its name only when it is whole. If another daemon was faster, its file stays. */
async function store(path: string, pem: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await rm(draft, { force: true })
    await writePrivateFile(draft, pem)
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
