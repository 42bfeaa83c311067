import type { FtpError } from '../errors/ftp-error.js'

export type ConnectionPhase = State['type']

/** Whether the server can have done anything of what was sent. */
export type Sent = 'nothing' | 'something'

type State =
  | { readonly type: 'connecting' }
  /** The TLS handshake is under way. */
  | { readonly type: 'securing' }
  | { readonly type: 'connected' }
  | { readonly type: 'greeted' }
  /** `reason` is undefined if this side closed it. */
  | { readonly type: 'closed'; readonly reason: FtpError | undefined; readonly sent: Sent }

/** How far a connection is and, if it has ended, why. Once it is closed, it stays so for the first reason. */
export class ConnectionState {
  #current: State = { type: 'connecting' }

  get phase(): ConnectionPhase {
    return this.#current.type
  }

  get isOpen(): boolean {
    return this.#current.type !== 'closed'
  }

  /** The failure that ended it. */
  get reason(): FtpError | undefined {
    return this.#current.type === 'closed' ? this.#current.reason : undefined
  }

  get sent(): Sent {
    switch (this.#current.type) {
      case 'connecting':
      case 'securing':
        return 'nothing'
      case 'closed':
        return this.#current.sent
      default:
        return 'something'
    }
  }

  advance(type: 'securing' | 'connected' | 'greeted'): void {
    this.#become({ type })
  }

  /** `sent` is given if the phase does not tell it: a server that refused the login has done nothing. */
  close(reason: FtpError | undefined, sent: Sent = this.sent): void {
    this.#become({ type: 'closed', reason, sent })
  }

  /** The one place the state changes. */
  #become(next: State): void {
    if (this.isOpen) this.#current = next
  }
}
