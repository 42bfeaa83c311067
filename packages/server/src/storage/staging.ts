import { closeSync, constants, openSync, renameSync, unlinkSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import type { StagedFile } from '@jftp/transfer'
import { OWN_ID } from './daemon-id.js'
import { errnoOf } from './disk-error.js'
import type { Folder } from './folder.js'
import { makeReservedFolder } from './reserved-folder.js'

/** What the name of a staging folder begins with. The id of its daemon follows. */
export const STAGING_PREFIX = 'staging-'

/** How many files this thread has staged. The next one has this number in its name. */
let created = 0

/**
 * Where uploads are written before they get their name: `ROOT/.jftp/staging-ID`, on the root's own file
 * system so that a rename publishes them. Made at the first upload; one storage of one thread uses it.
 */
export class Staging {
  readonly #root: string
  #folder: Folder | undefined

  constructor(root: string) {
    this.#root = root
  }

  /** `mode`: permission bits, less the umask. */
  create(mode: number): LabelledFile {
    return this.createLabelled(mode, '')
  }

  /** `label`: the end of its name. */
  createLabelled(mode: number, label: string): LabelledFile {
    try {
      return this.#create(mode, label)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      // Somebody removed the folder, so that no file can be made in the one that is held open.
      this.close()
      return this.#create(mode, label)
    }
  }

  /** Moves the file at `path` here and opens it; undefined if there is none. It must be on the same file system. */
  adopt(path: string, label: string): LabelledFile | undefined {
    const { fd, path: own } = this.create(0o600)
    closeSync(fd)
    try {
      renameSync(path, own)
    } catch (error) {
      unlinkSync(own)
      if (errnoOf(error) === 'ENOENT') return undefined
      throw error
    }
    const adopted = new LabelledFile(openSync(own, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)), own, '')
    adopted.relabel(label)
    return adopted
  }

  discard({ fd, path }: StagedFile): void {
    closeSync(fd)
    unlinkSync(path)
  }

  close(): void {
    this.#folder?.close()
    this.#folder = undefined
  }

  #create(mode: number, label: string): LabelledFile {
    this.#folder ??= makeReservedFolder(this.#root, `${STAGING_PREFIX}${OWN_ID}`)
    const path = this.#folder.child(`${threadId}-${created++}`)
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
    const fd = openSync(path + label, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
    return new LabelledFile(fd, path, label)
  }
}

/** A staged file whose name ends in a label that can be changed. */
export class LabelledFile implements StagedFile {
  readonly fd: number
  readonly #stem: string
  #label: string

  constructor(fd: number, stem: string, label: string) {
    this.fd = fd
    this.#stem = stem
    this.#label = label
  }

  get path(): string {
    return this.#stem + this.#label
  }

  relabel(label: string): void {
    renameSync(this.path, this.#stem + label)
    this.#label = label
  }
}
