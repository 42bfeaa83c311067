import { close, closeSync, fsync, fsyncSync } from 'node:fs'

/** A written and checked file that waits to become durable and visible. */
export interface Commit {
  /** Open for writing. The commit closes it in any case. */
  readonly fd: number
  /** Identifies the folder that the file goes to: commits of one group into one folder share its check and fsync. */
  readonly folder: string
  /** Called right before the first file of a group goes to the folder. Throws if none may go there any more. */
  checkFolder?(): void
  /** Opens that folder so that it can be synced. The commit closes the descriptor. */
  openFolder(): number
  /** Renames the file to its place, synchronously. If it throws, this commit alone fails. */
  publish(): void
  /**
   * Called once, in the order of `add`, when the file is on disk or its commit has failed. After a
   * FolderSyncError the file is visible; after any other error it is not.
   */
  done(error: unknown): void
}

/** The file has its name, but its folder could not be synced: a loss of power may undo the rename. */
export class FolderSyncError extends Error {
  constructor(cause: unknown) {
    super('the folder could not be synced', { cause })
  }
}

/**
 * If syncing a file takes fewer milliseconds than this, nothing waits for a disk (tmpfs, a battery-backed
 * cache), and the thread pool costs more than the sync itself: measured 25 µs against 3 on tmpfs.
 */
const INSTANT = 0.06

/**
 * Makes files durable many at a time: the next group gathers while one is being synced, so that ten
 * thousand small files cost a few folder syncs and their own syncs overlap.
 *
 * Per group: fsync every file → close and rename each → fsync each folder once → `done` in order. If the
 * machine crashes in between, every name has its old file or its new one, whole.
 */
export class GroupCommit {
  #waiting: Commit[] = []
  #running: Promise<void> | undefined
  #size = 0
  /** Whether this disk has been seen to sync files instantly; one slow sync ends that. */
  #disk: 'slow' | 'instant' = 'slow'

  /** Files not done yet. Each holds a descriptor, so callers keep this number small. */
  get size(): number {
    return this.#size
  }

  add(commit: Commit): void {
    this.#waiting.push(commit)
    this.#size++
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to commit. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    // Requests that came in the same chunk of bytes join the first group.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      const outcomes = this.#disk === 'instant' ? this.#syncHere(group) : await this.#syncInPool(group)
      await publishGroup(group, outcomes)
      this.#size -= group.length
    }
    this.#running = undefined
  }

  /** The error of each commit, undefined if its sync went well. */
  async #syncInPool(group: readonly Commit[]): Promise<unknown[]> {
    const start = performance.now()
    const outcomes = await Promise.all(group.map(syncFile))
    if (performance.now() - start < INSTANT * group.length) this.#disk = 'instant'
    return outcomes
  }

  #syncHere(group: readonly Commit[]): unknown[] {
    const start = performance.now()
    const outcomes = group.map(({ fd }) => attempt(() => fsyncSync(fd)))
    if (performance.now() - start > INSTANT * group.length) this.#disk = 'slow'
    return outcomes
  }
}

/** Closes and renames the files that are synced, syncs their folders, and tells each commit how it ended. */
async function publishGroup(group: readonly Commit[], outcomes: unknown[]): Promise<void> {
  const folders = new Map<string, Promise<unknown>>()
  const checks = new Map<string, unknown>()
  for (const [index, commit] of group.entries()) {
    // Some network file systems only report a failed write when the file is closed.
    const closed = attempt(() => closeSync(commit.fd))
    if (!checks.has(commit.folder))
      checks.set(
        commit.folder,
        attempt(() => commit.checkFolder?.()),
      )
    outcomes[index] ??= closed ?? checks.get(commit.folder) ?? attempt(() => commit.publish())
  }
  for (const [index, commit] of group.entries()) {
    if (outcomes[index] === undefined && !folders.has(commit.folder)) {
      folders.set(commit.folder, syncFolder(commit))
    }
  }
  for (const [index, commit] of group.entries()) {
    tell(commit, outcomes[index] ?? (await folders.get(commit.folder)))
  }
}

/** If `done` throws, that is a defect of its owner, and must not keep the others waiting. */
function tell(commit: Commit, error: unknown): void {
  try {
    commit.done(error)
  } catch (defect) {
    setImmediate(() => {
      throw defect
    })
  }
}

/** Resolves to the error, undefined if all went well. */
function syncFile({ fd }: Commit): Promise<unknown> {
  return new Promise((resolve) => {
    fsync(fd, (error) => resolve(error ?? undefined))
  })
}

/** The error that `act` throws, undefined if it throws none. */
function attempt(act: () => void): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error ?? new Error('a commit threw nothing')
  }
}

/**
 * Error codes of folders that can't be opened to be synced: a folder that may be written but not read, and
 * every folder on Windows. There a file's name is as durable as the file system makes it.
 */
const UNSYNCABLE = ['EACCES', 'EPERM', 'EISDIR']

async function syncFolder(commit: Commit): Promise<unknown> {
  let fd: number
  try {
    fd = commit.openFolder()
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    return UNSYNCABLE.includes(code) ? undefined : new FolderSyncError(error)
  }
  return new Promise((resolve) => {
    fsync(fd, (error) => {
      close(fd, () => resolve(error === null ? undefined : new FolderSyncError(error)))
    })
  })
}
