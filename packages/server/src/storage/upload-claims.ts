import { BroadcastChannel } from 'node:worker_threads'

/** An upload under way that another one could continue. */
export interface ClaimedUpload {
  /** Keeps what came and lets go of it, if its client has been silent for some time. */
  yieldIfQuiet(): void
}

/**
 * The uploads under way in one thread that could be continued, by the names of their partials. If a client is back
 * and the server has not noticed yet that its first connection is gone, the new upload asks all threads to let go of
 * the old one.
 */
export class UploadClaims {
  readonly #root: string
  readonly #uploads = new Map<string, ClaimedUpload>()
  #channel: BroadcastChannel | undefined

  constructor(root: string) {
    this.#root = root
  }

  add(partial: string, upload: ClaimedUpload): void {
    this.#open()
    this.#uploads.set(partial, upload)
  }

  remove(partial: string, upload: ClaimedUpload): void {
    if (this.#uploads.get(partial) === upload) this.#uploads.delete(partial)
  }

  /** Asks whoever has this partial. */
  ask(partial: string): void {
    this.#uploads.get(partial)?.yieldIfQuiet()
    this.#open().postMessage(partial)
  }

  close(): void {
    this.#channel?.close()
    this.#channel = undefined
  }

  #open(): BroadcastChannel {
    if (this.#channel !== undefined) return this.#channel
    const channel = new BroadcastChannel(`jftp uploads ${this.#root}`)
    channel.onmessage = (message: unknown) => {
      const { data } = message as { data: string }
      this.#uploads.get(data)?.yieldIfQuiet()
    }
    // It must not keep the thread alive.
    channel.unref()
    this.#channel = channel
    return channel
  }
}
