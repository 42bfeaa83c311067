import { GroupCommit, PartFiles, TransferThread } from '@jftp/transfer'

/** What a connection lends to its transfers. */
export class TransferResources {
  readonly thread: TransferThread
  readonly commits = new GroupCommit()
  readonly partFiles = new PartFiles()
  /** What is still being written of downloads that were cut, to be continued later. */
  readonly #keeping = new Set<Promise<void>>()

  /** `recycle` gets back the memory of chunks that the thread has written. */
  constructor(recycle: (memory: ArrayBuffer) => void) {
    this.thread = new TransferThread(recycle)
  }

  /** Lets a download that was cut write what came before the thread is closed. */
  waitFor(kept: Promise<void>): void {
    const ended = kept.catch(() => {}).finally(() => this.#keeping.delete(ended))
    this.#keeping.add(ended)
  }

  /** Ends the thread when all that downloads wanted to keep is written. */
  async close(): Promise<void> {
    await Promise.all(this.#keeping)
    await this.thread.close()
  }
}
