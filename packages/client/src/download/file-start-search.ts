import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import type { DigestAlgorithm } from '@jftp/protocol'
import { type FileStart, type PartFiles, readStart, type StagedFile, type TakenPart } from '@jftp/transfer'
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
  | { readonly type: 'target'; readonly start: FileStart; readonly asked: DownloadStart }

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
    const start = await readStart(fd, existing.size, digest)
    const asked = { size: start.size, digest: start.digest, version: undefined }
    return { type: 'target', start, asked }
  } finally {
    closeSync(fd)
  }
}

async function startOfPart({ staged, size, mtime }: TakenPart, digest: DigestAlgorithm): Promise<LocalStart> {
  const start = await readStart(staged.fd, fstatSync(staged.fd).size, digest)
  const asked = { size: start.size, digest: start.digest, version: { size, mtime } }
  return { type: 'part', staged, start, asked }
}
