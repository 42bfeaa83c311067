import { closeSync, constants, fchmodSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setFileTime } from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { PendingFolder } from './pending-folder.js'

/** What the server tells of a folder. */
interface FolderFacts {
  readonly mode?: number | undefined
  readonly mtime: number
}

/**
 * The folders of a tree that comes depth first. A server may send any names in any order, so each folder is made in
 * the one before it or is there as a folder and not as a link; and nothing goes into a folder that was not told before.
 */
export class LocalTree {
  readonly #preserve: 'times-and-mode' | undefined
  /** The folders on the way down, the deepest one last. */
  readonly #open: ReceivedFolder[]
  readonly #top: ReceivedFolder
  #isTopMade = false
  #failures: FtpError[] = []

  constructor(top: string, preserve: 'times-and-mode' | undefined, facts: FolderFacts | undefined) {
    this.#preserve = preserve
    this.#top = new ReceivedFolder('', top, 'made', undefined, preserve && facts)
    this.#open = [this.#top]
  }

  /** The folder that holds the name `below`. Throws `protocol-error` if it was not told right before. */
  parentOf(below: string): ReceivedFolder {
    this.#makeTop()
    const parent = below.slice(0, Math.max(0, below.lastIndexOf('/')))
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      if (folder.below === parent) return folder
      this.#leave()
    }
    const location = JSON.stringify(below)
    throw new FtpError(
      'protocol-error',
      `the server told of ${location}, which is in no folder that it told of`,
    )
  }

  /** Makes the folder `below`, of which the parent is made. Throws FtpError. */
  make(below: string, facts: FolderFacts): void {
    const parent = this.parentOf(below)
    const path = parent.childPath(below.slice(below.lastIndexOf('/') + 1))
    makeFolder(path, facts.mode)
    this.#open.push(new ReceivedFolder(below, path, 'made', parent, this.#preserve && facts))
  }

  /** Whatever is in this folder is left out. */
  leaveOut(below: string): void {
    this.#open.push(new ReceivedFolder(below, '', 'left-out', this.parentOf(below), undefined))
  }

  /** Nothing more comes. */
  finish(): void {
    this.#makeTop()
    while (this.#open.length > 0) this.#leave()
  }

  /** What has failed since this was called last. */
  takeFailures(): readonly FtpError[] {
    const failures = this.#failures
    if (failures.length > 0) this.#failures = []
    return failures
  }

  #leave(): void {
    this.#failures.push(...(this.#open.pop()?.end() ?? []))
  }

  #makeTop(): void {
    if (this.#isTopMade) return
    this.#isTopMade = true
    const { path } = this.#top
    // The user has named this folder, so it may be a link.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) makeFolder(path, undefined)
  }
}

/** One local folder of a tree. */
export class ReceivedFolder extends PendingFolder<FtpError> {
  /** Names below the top of the tree, joined by `/`; empty for the top. */
  readonly below: string
  readonly path: string
  readonly state: 'made' | 'left-out'

  /** `facts` are what the folder gets in the end. */
  constructor(
    below: string,
    path: string,
    state: 'made' | 'left-out',
    parent: ReceivedFolder | undefined,
    facts: FolderFacts | undefined,
  ) {
    super(parent, facts && (() => complete(path, facts)))
    this.below = below
    this.path = path
    this.state = state
  }

  childPath(name: string): string {
    return join(this.path, name)
  }
}

function complete(path: string, { mode, mtime }: FolderFacts): FtpError[] {
  try {
    const fd = openSync(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0))
    try {
      setFileTime(fd, mtime)
      if (mode !== undefined) fchmodSync(fd, mode & 0o777)
    } finally {
      closeSync(fd)
    }
    return []
  } catch (error) {
    return [fromLocalError(error, path)]
  }
}

/** Its owner must be able to write to it, whatever the original allows. */
function makeFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode: (mode & 0o777) | 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fromLocalError(error, path)
    const existing = lstatSync(path, { throwIfNoEntry: false })
    if (existing === undefined) throw fromLocalError(error, path)
    if (existing.isDirectory()) return
    const what = existing.isSymbolicLink() ? 'a link' : 'a file'
    throw new FtpError('local-exists', `${path}: ${what} has the name of a folder; move it away`, { path })
  }
}
