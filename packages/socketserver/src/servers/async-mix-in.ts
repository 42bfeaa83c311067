import type { Address } from '../address.js'
import type { CloseOptions } from './base-server.js'
import type { Constructor, ServerClass } from './mix-in.js'

/** What a server with `AsyncMixIn` has besides. */
export interface Concurrent {
  /** Whether `serverClose()` waits until running requests have ended. */
  blockOnClose: boolean
}

/** Handles many requests at once on the event loop: the server takes the next request while handlers await. */
export function AsyncMixIn<Base extends ServerClass>(base: Base): Base & Constructor<Concurrent> {
  return class extends base implements Concurrent {
    blockOnClose = true
    protected override readonly verification = 'side by side'

    override async processRequest(request: never, clientAddress: Address): Promise<void> {
      void this.runRequest(request, clientAddress)
    }

    override async serverClose(options?: CloseOptions): Promise<void> {
      await super.serverClose(options)
      if (this.blockOnClose) await this.requestsEnded()
    }
  }
}
