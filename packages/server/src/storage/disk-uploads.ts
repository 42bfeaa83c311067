import { accessSync, constants, statfsSync } from 'node:fs'
import { ProtocolError, remoteBasename } from '@jftp/protocol'
import { AtomicFile, conflictWith, GroupCommit, MAX_TIME } from '@jftp/transfer'
import type { Permissions } from '../visitors/permissions.js'
import { special, taken, toProtocolError } from './disk-error.js'
import { DiskUpload } from './disk-upload.js'
import type { Folder } from './folder.js'
import type { KeptDigests } from './kept-digests.js'
import { keyOf, type PartialSource } from './partial-name.js'
import type { Partials, TakenPartial } from './partials.js'
import type { PathWalk } from './path-walk.js'
import { PendingCommits } from './pending-commits.js'
import { ResumableStage } from './resumable-stage.js'
import type { Staging } from './staging.js'
import type { Upload, UploadOptions } from './storage.js'
import type { UploadClaims } from './upload-claims.js'
import { findUploadTarget, type UploadTarget } from './upload-target.js'

/** The room for a smaller body is not looked up before it is received. */
const CHECK_SIZE = 1024 * 1024

export interface DiskUploadsOptions {
  readonly partials: Partials
  readonly claims: UploadClaims
  /** How many bytes of an upload that was cut are worth keeping; Infinity keeps none. */
  readonly minPartialSize: number
  /** Undefined if none are to be kept. */
  readonly digests: KeptDigests | undefined
}

/** The uploads to one disk, which are committed together. */
export class DiskUploads {
  readonly #walk: PathWalk
  readonly #staging: Staging
  readonly #commits = new GroupCommit()
  readonly #partials: Partials
  readonly #claims: UploadClaims
  readonly #minPartialSize: number
  readonly #digests: KeptDigests | undefined
  readonly #pending = new PendingCommits()

  constructor(walk: PathWalk, staging: Staging, options: DiskUploadsOptions) {
    const { partials, claims, minPartialSize, digests } = options
    this.#walk = walk
    this.#staging = staging
    this.#partials = partials
    this.#claims = claims
    this.#minPartialSize = minPartialSize
    this.#digests = digests
  }

  /** Returns a promise only if an earlier upload is being committed to the same file, or if it is to be continued. */
  open(
    path: string,
    options: UploadOptions,
    permissions: Permissions,
  ): Upload | 'skipped' | Promise<Upload | 'skipped'> {
    let target: UploadTarget | undefined
    try {
      target = findUploadTarget(this.#walk, path)
      // What is there now is about to be replaced, so its mode must not be passed on.
      const earlier = this.#pending.last(target.key)
      if (earlier !== undefined) {
        target.folder.close()
        return earlier.then(() => this.open(path, options, permissions))
      }
      const permitted = this.#permitted(target, options, permissions)
      if (isSkipped(target, permitted)) {
        target.folder.close()
        return 'skipped'
      }
      const source = this.#sourceOf(path, permitted, permissions.user)
      if (source === undefined) return this.#upload(target, permitted, undefined)
      if (options.resume) return this.#resume(target, permitted, source)
      this.#partials.drop(source.key)
      return this.#upload(target, permitted, { source, taken: undefined })
    } catch (error) {
      target?.folder.close()
      throw toProtocolError(error, path)
    }
  }

  /**
   * The options as far as this visitor may have them: if they may make a new file and not replace one, then
   * replacing fails, also if the name is taken only at the end.
   */
  #permitted(target: UploadTarget, options: UploadOptions, permissions: Permissions): UploadOptions {
    const { folder, remotePath, existing } = target
    const resolved = permissions.isUniform
      ? '/'
      : this.#walk.pathOf({ folder, name: remoteBasename(remotePath) })
    const overwrites = options.onExists === 'overwrite'
    permissions.check(existing !== undefined && overwrites ? 'overwrite' : 'write', resolved)
    if (!overwrites || permissions.allows('overwrite', resolved)) return options
    return { ...options, onExists: 'fail' }
  }

  /** What the upload could be continued from; undefined if it is too small to be kept, or its source is not known. */
  #sourceOf(path: string, options: UploadOptions, user: string): PartialSource | undefined {
    const { size, sourceTime: mtime } = options
    if (size === undefined || mtime === undefined || size < this.#minPartialSize) return undefined
    return { key: keyOf(user, path), size, mtime }
  }

  async #resume(target: UploadTarget, options: UploadOptions, source: PartialSource): Promise<Upload> {
    try {
      const taken = await this.#partials.take(source, options.digest)
      this.#partials.drop(source.key)
      return this.#upload(target, options, { source, taken })
    } catch (error) {
      target.folder.close()
      throw toProtocolError(error, target.askedPath)
    }
  }

  #upload(target: UploadTarget, options: UploadOptions, resumable: Resumable | undefined): Upload {
    const { onExists, digest, size, mode, createMode, mtime } = options
    const { source, taken } = resumable ?? {}
    const stage =
      source === undefined ? undefined : new ResumableStage(this.#partials, this.#staging, source, taken)
    const replaced = onExists === 'overwrite' ? target.existing : undefined
    const file = new AtomicFile({
      target,
      staging: stage ?? this.#staging,
      commits: this.#commits,
      onExists,
      replaced,
      digest,
      size,
      mode,
      createMode,
      mtime,
      continued: taken,
    })
    const kept = stage && { file: stage, minSize: this.#minPartialSize, claims: this.#claims }
    return new DiskUpload(target, file, this.#pending, taken?.start, kept, this.#digests)
  }
}

/** An upload that can be continued if it is cut, and what it continues. */
interface Resumable {
  readonly source: PartialSource
  readonly taken: TakenPartial | undefined
}

/** True if the upload is to be skipped. Throws what is wrong before a byte is sent or a partial is taken. */
function isSkipped({ existing, askedPath: path, folder }: UploadTarget, options: UploadOptions): boolean {
  switch (conflictWith(existing, options.onExists)) {
    case 'folder':
      throw new ProtocolError('is-a-directory', 'is a folder', { path })
    case 'special':
      throw special(path)
    case 'taken':
      throw taken(path)
    case 'skip':
      return true
    case 'none':
      checkTime(options.mtime, path)
      checkRoom(folder, options.size, path)
      return false
  }
}

export function checkTime(mtime: number | undefined, path: string): void {
  if (mtime === undefined || Math.abs(mtime) <= MAX_TIME) return
  throw new ProtocolError('bad-request', `${mtime} is no time a file can have`, { path })
}

/** Refuses a large body that can't be stored before it is sent. Small ones find out as they are written. */
function checkRoom(folder: Folder, size: number | undefined, path: string): void {
  if (size !== undefined && size < CHECK_SIZE) return
  accessSync(folder.self, constants.W_OK | constants.X_OK)
  const { bsize, bfree } = statfsSync(folder.self)
  if (size === undefined || size <= bsize * bfree) return
  const message = `the server's disk has no room for ${size} bytes; nothing was changed`
  throw new ProtocolError('no-space', message, { path })
}
