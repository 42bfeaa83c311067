import { fstatSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DigestAlgorithm, ProtocolError } from '@jftp/protocol'
import { type FileStart, readStart } from '@jftp/transfer'
import { dropPartials, keepPartial, PARTIALS_FOLDER } from './partial-folder.js'
import { type PartialSource, partialName, stagedLabel } from './partial-name.js'
import { RESERVED_NAME } from './path-walk.js'
import type { LabelledFile, Staging } from './staging.js'
import { isStaged } from './staging-sweep.js'
import type { UploadClaims } from './upload-claims.js'

/**
 * Milliseconds to wait for an upload of the same source that is still under way. Its client may be back before the
 * server has noticed that the first connection was gone.
 */
const PATIENCE = 3_000

/** How often to ask for it, and to look whether it is kept by now, in milliseconds. */
const LOOK_EVERY = 50

/** A partial that was taken to be continued. It belongs to its upload now. */
export interface TakenPartial {
  readonly staged: LabelledFile
  readonly start: FileStart
}

/**
 * What came of uploads that were cut, kept in `ROOT/.jftp/partials` until they are continued or too old. A partial
 * belongs to one user, one path and one version of the source; for each user and path only the latest is kept.
 * Taking it is a rename, so that no two uploads continue the same one, in whatever thread or daemon they run, and no
 * sweep removes one in use.
 */
export class Partials {
  readonly #root: string
  readonly #staging: Staging
  readonly #claims: UploadClaims

  constructor(root: string, staging: Staging, claims: UploadClaims) {
    this.#root = root
    this.#staging = staging
    this.#claims = claims
  }

  /** Keeps the staged file at `path`, in the place of an earlier one. */
  keep(source: PartialSource, path: string): void {
    keepPartial(this.#root, source.key, partialName(source), path)
  }

  /** Forgets what is kept for a user and path. */
  drop(key: string): void {
    dropPartials(this.#root, key)
  }

  /**
   * Takes what is kept of a source and digests it; undefined if nothing is. Throws `busy` if another upload of it is
   * still under way.
   */
  async take(source: PartialSource, digest: DigestAlgorithm): Promise<TakenPartial | undefined> {
    const patience = performance.now() + PATIENCE
    while (await isStaged(this.#root, partialName(source))) {
      if (performance.now() > patience) {
        throw new ProtocolError('busy', 'an earlier upload of this file is still under way; try again later')
      }
      this.#claims.ask(partialName(source))
      await sleep(LOOK_EVERY)
    }
    const staged = this.#staging.adopt(
      join(this.#root, RESERVED_NAME, PARTIALS_FOLDER, partialName(source)),
      stagedLabel(source, 0),
    )
    if (staged === undefined) return undefined
    try {
      const { size } = fstatSync(staged.fd)
      // A partial was synced when it was kept.
      staged.relabel(stagedLabel(source, size))
      if (size <= source.size) return { staged, start: await readStart(staged.fd, size, digest) }
      this.#staging.discard(staged)
      return undefined
    } catch (error) {
      this.#staging.discard(staged)
      throw error
    }
  }
}
