import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  openSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs'
import type { DigestAlgorithm } from '@jftp/protocol'
import {
  type FileStart,
  hasChanged,
  type PartFiles,
  readStart,
  type StagedFile,
  type TakenPart,
} from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import type { DownloadStart } from './download-sink.js'

// Without O_NONBLOCK, opening a named pipe would stop this thread until somebody writes to it.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** What there is of a file before its download begins. */
export type LocalStart =
  /** The part of a download that was cut. */
  | {
      readonly type: 'part'
      readonly staged: StagedFile
      readonly start: FileStart
      readonly asked: DownloadStart
    }
  /** The file that has the name already, which may be the same one or its beginning. */
  | TargetStart

export interface TargetStart {
  readonly type: 'target'
  readonly start: FileStart
  readonly asked: DownloadStart
  /** What it was before it was digested. */
  readonly stat: Stats
}

export interface LocalStartOptions {
  readonly target: string
  /** What has the target's name. */
  readonly existing: Stats | undefined
  readonly url: string
  readonly digest: DigestAlgorithm
  /** `part-or-target` also offers the file that has the target's name. */
  readonly from: 'part' | 'part-or-target'
}

/** Finds and digests what there is of a file; undefined if that is nothing. Throws the file system's errors. */
export async function findLocalStart(
  partFiles: PartFiles,
  { target, existing, url, digest, from }: LocalStartOptions,
): Promise<LocalStart | undefined> {
  const part = partFiles.take(target, url)
  if (part !== undefined) return startOfPart(part, digest)
  if (from === 'part' || !existing?.isFile() || existing.size === 0) return undefined
  const fd = openSync(target, READ)
  try {
    const stat = fstatSync(fd)
    const start = await readStart(fd, existing.size, digest)
    const asked = { size: start.size, digest: start.digest, version: undefined }
    return { type: 'target', start, asked, stat }
  } finally {
    closeSync(fd)
  }
}

/** Copies the file that has the target's name into a staged one, which is removed if that fails. */
export function copyTarget({ stat }: TargetStart, target: string, staged: StagedFile): void {
  try {
    requireUnchanged(stat, target)
    copyFileSync(target, staged.path, constants.COPYFILE_FICLONE)
    requireUnchanged(stat, target)
  } catch (error) {
    closeSync(staged.fd)
    unlinkSync(staged.path)
    throw error
  }
}

/** The digest of a file that somebody has written to since is not that of its content. */
export function requireUnchanged(before: Stats, path: string): void {
  const now = statSync(path, { throwIfNoEntry: false })
  if (now !== undefined && now.ino === before.ino && !hasChanged(before, now)) return
  throw new FtpError(
    'changed',
    `${path}: it was changed or removed while it was to be continued; get it again`,
    {
      path,
    },
  )
}

async function startOfPart({ staged, size, mtime }: TakenPart, digest: DigestAlgorithm): Promise<LocalStart> {
  const start = await readStart(staged.fd, fstatSync(staged.fd).size, digest)
  const asked = { size: start.size, digest: start.digest, version: { size, mtime } }
  return { type: 'part', staged, start, asked }
}
