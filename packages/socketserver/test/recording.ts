import type { Address, BaseServer } from '@jftp/socketserver'

type Constructor = new (...args: any[]) => BaseServer

/** What a server's hooks were called with, in order. */
export interface Recorded {
  readonly messages: unknown[]
  readonly errors: { readonly clientAddress: Address; readonly error: any }[]
  readonly acceptErrors: Error[]
  readonly workerExits: Error[]
  readonly shutDown: unknown[]
  /** Resolves as soon as `condition` holds; looked at after every hook. */
  until(condition: () => boolean): Promise<void>
}

/** A mix-in for tests: keeps what comes to the hooks instead of printing it. */
export function RecordingMixIn<Base extends Constructor>(
  base: Base,
): Base & (new (...args: any[]) => Recorded) {
  return class extends base implements Recorded {
    readonly messages: unknown[] = []
    readonly errors: Recorded['errors'] = []
    readonly acceptErrors: Error[] = []
    readonly workerExits: Error[] = []
    readonly shutDown: unknown[] = []
    #waiting: { condition: () => boolean; resolve: () => void }[] = []

    until(condition: () => boolean): Promise<void> {
      return new Promise((resolve) => {
        this.#waiting.push({ condition, resolve })
        this.#look()
      })
    }

    override handleMessage(message: unknown): void {
      this.messages.push(message)
      this.#look()
    }

    override handleError(_request: unknown, clientAddress: Address, error: unknown): void {
      this.errors.push({ clientAddress, error })
      this.#look()
    }

    override handleAcceptError(error: Error): void {
      this.acceptErrors.push(error)
      this.#look()
    }

    handleWorkerExit(error: Error): void {
      this.workerExits.push(error)
      this.#look()
    }

    override async shutdownRequest(request: unknown): Promise<void> {
      await super.shutdownRequest(request)
      this.shutDown.push(request)
      this.#look()
    }

    override async runRequest(request: unknown, clientAddress: Address): Promise<void> {
      await super.runRequest(request, clientAddress)
      this.#look()
    }

    #look(): void {
      const waiting = this.#waiting
      this.#waiting = waiting.filter(({ condition }) => !condition())
      for (const entry of waiting) if (!this.#waiting.includes(entry)) entry.resolve()
    }
  }
}
