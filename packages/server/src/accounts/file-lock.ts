import { open, readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from '@jftp/transfer'
import { UsageError } from '../usage-error.js'

/** How long to wait for another process, and how often to look, in milliseconds. */
const PATIENCE = 10_000
const LOOK_EVERY = 50

/**
 * Does `work` while no other process does any under the same lock. The lock is a file that names its process; if that
 * process is gone, the lock is too.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await take(path)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<void> {
  const end = performance.now() + PATIENCE
  for (;;) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(String(process.pid))
      return await file.close()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    if (/^\d+$/.test(holder) && !isAlive(Number(holder))) await rm(path, { force: true })
    else if (performance.now() > end) {
      throw new UsageError(
        `process ${holder || '?'} is changing the users file; if it is not, remove ${path}`,
      )
    } else await sleep(LOOK_EVERY)
  }
}
