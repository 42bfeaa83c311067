import { open, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isGone, OWN_NAME, ownName } from '@jftp/transfer'
import { UsageError } from '../usage-error.js'

/** How long to wait for another process, and how often to look, in milliseconds. */
const PATIENCE = 10_000
const LOOK_EVERY = 50

/** A lock is held for about a second. If nobody can say whether its process runs, it is given up after this, in milliseconds. */
const LONGEST = 60_000

const [OWN_MACHINE] = ownName().split('-')
const NAME = new RegExp(`^${OWN_NAME}$`)

/** What the file of a lock says. */
interface Holder {
  readonly pid: string
  readonly isGone: boolean
}

/**
 * Does `work` while no other process does any under the same lock. The lock is a file that names its process, with its
 * machine or container and when it was started; if that process is gone, the next one removes the file.
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
    if (holder?.isGone) await removeIfGone(path)
    else if (performance.now() > end) {
      throw new UsageError(
        `process ${holder?.pid ?? '?'} is changing the users file; if it is not, remove ${path}`,
      )
    } else await sleep(LOOK_EVERY)
  }
}

/** Makes the file of the lock. Returns false if there is one already. */
async function isMade(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(ownName())
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
    if ((await holderOf(path))?.isGone) await rm(path, { force: true })
  })
}

/** Undefined if the lock has just been given back. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    await using file = await open(path, 'r')
    const [, machine, pid = '?', started = ''] = NAME.exec(await file.readFile('utf8')) ?? []
    if (machine !== undefined && machine === OWN_MACHINE) {
      return { pid, isGone: isGone(machine, Number(pid), started) }
    }
    const { mtimeMs } = await file.stat()
    return { pid, isGone: Date.now() - mtimeMs > LONGEST }
  } catch {
    return undefined
  }
}
