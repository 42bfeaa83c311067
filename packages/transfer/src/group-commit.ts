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

/** The first syncs are made here, to find out. The very first may be slow because its code is not compiled yet. */
const MAX_PROBES = 3

/** After a sync that took so many milliseconds, the disk is known to be slow. */
const SURELY_SLOW = 1

/** Whether this disk syncs files instantly, so that nothing is gained by doing it in other threads. */
type Disk = 'slow' | 'instant'

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
  #disk: Disk = 'slow'
  #probes = MAX_PROBES

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
      const outcomes = await this.#sync(group)
      await publishGroup(group, outcomes, this.#disk)
      this.#size -= group.length
    }
    this.#running = undefined
  }

  /** The error of each commit, undefined if its sync went well. */
  async #sync(group: readonly Commit[]): Promise<unknown[]> {
    const probed: unknown[] = []
    while (this.#probes > 0 && probed.length < group.length)
      probed.push(this.#probe(group[probed.length] as Commit))
    const rest = group.slice(probed.length)
    if (rest.length === 0) return probed
    return [...probed, ...(this.#disk === 'instant' ? this.#syncHere(rest) : await this.#syncInPool(rest))]
  }

  /** Syncs one file here, to see how long this disk takes. */
  #probe({ fd }: Commit): unknown {
    const start = performance.now()
    const outcome = attempt(() => fsyncSync(fd))
    const ms = performance.now() - start
    if (ms <= INSTANT) this.#disk = 'instant'
    this.#probes = ms <= INSTANT || ms >= SURELY_SLOW ? 0 : this.#probes - 1
    return outcome
  }

  async #syncInPool(group: readonly Commit[]): Promise<unknown[]> {
    const start = performance.now()
    const outcomes = await Promise.all(group.map(syncFile))
    if (performance.now() - start < INSTANT * group.length) this.#disk = 'instant'
    return outcomes
  }

  #syncHere(group: readonly Commit[]): unknown[] {
    let fastest = Number.POSITIVE_INFINITY
    const outcomes = group.map(({ fd }) => {
      const start = performance.now()
      const outcome = attempt(() => fsyncSync(fd))
      fastest = Math.min(fastest, performance.now() - start)
      return outcome
    })
    // On a busy machine single syncs may take long because this thread had to wait for its turn.
    if (fastest > INSTANT) this.#disk = 'slow'
    return outcomes
  }
}

/** Closes and renames the files that are synced, syncs their folders, and tells each commit how it ended. */
async function publishGroup(group: readonly Commit[], outcomes: unknown[], disk: Disk): Promise<void> {
  const folders = new Map<string, unknown>()
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
      folders.set(commit.folder, disk === 'instant' ? syncFolderHere(commit) : syncFolder(commit))
    }
  }
  for (const [index, commit] of group.entries()) {
    const folder = folders.get(commit.folder)
    // To await what is known already would cost a turn for each file.
    tell(commit, outcomes[index] ?? (folder instanceof Promise ? await folder : folder))
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

/** Resolves to the error, undefined if the folder is synced or can't be. */
function syncFolder(commit: Commit): unknown {
  const fd = openFolder(commit)
  if (typeof fd !== 'number') return fd
  return new Promise((resolve) => {
    fsync(fd, (error) => {
      close(fd, () => resolve(error === null ? undefined : new FolderSyncError(error)))
    })
  })
}

/** The same at once, where a trip to another thread costs more. */
function syncFolderHere(commit: Commit): unknown {
  const fd = openFolder(commit)
  if (typeof fd !== 'number') return fd
  const error = attempt(() => fsyncSync(fd))
  // Nothing was written through this descriptor, so closing it can't lose anything.
  attempt(() => closeSync(fd))
  return error === undefined ? undefined : new FolderSyncError(error)
}

/** A descriptor, or why there is none: an error, or undefined if the system does not let this folder be opened. */
function openFolder(commit: Commit): number | FolderSyncError | undefined {
  try {
    return commit.openFolder()
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    return UNSYNCABLE.includes(code) ? undefined : new FolderSyncError(error)
  }
}
