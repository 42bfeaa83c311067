import type { GroupCommit, PartFiles, TransferThread } from '@jftp/transfer'

/** What a connection lends to its downloads. */
export interface DownloadResources {
  readonly thread: TransferThread
  readonly commits: GroupCommit
  readonly partFiles: PartFiles
  /** Lets a download that was cut write what came. */
  waitFor(kept: Promise<void>): void
}
