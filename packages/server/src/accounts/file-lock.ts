import { open, readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from '@jftp/transfer'
import { UsageError } from '../usage-error.js'

/** How long to wait for another process, and how often to look, in milliseconds. */
const PATIENCE = 10_000
const LOOK_EVERY = 50

/**
 * Does `work` while no other process does any under the same lock. The lock is a file that names its process; if that
 * process is gone, the next one removes it.
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
  while (!(await isMade(path))) {
    const holder = await holderOf(path)
    if (isGone(holder)) await removeIfGone(path)
    else if (performance.now() > end) {
      throw new UsageError(
        `process ${holder || '?'} is changing the users file; if it is not, remove ${path}`,
      )
    } else await sleep(LOOK_EVERY)
  }
}

/** Makes the file of the lock. Returns false if there is one already. */
async function isMade(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(String(process.pid))
    } catch (error) {
      // A lock that names nobody would be taken for one that is held.
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Removing has a lock of its own. Otherwise a process that saw the old lock could remove the new one of another process
 * that was faster.
 */
async function removeIfGone(path: string): Promise<void> {
  await withLock(`${path}.removing`, async () => {
    if (isGone(await holderOf(path))) await rm(path, { force: true })
  })
}

async function holderOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '')
}

function isGone(holder: string): boolean {
  return /^\d+$/.test(holder) && !isAlive(Number(holder))
}
