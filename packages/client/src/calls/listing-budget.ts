import { FtpError } from '../errors/ftp-error.js'

/** With more unread bytes than this the server is held back, unless somebody else waits for the connection. */
const MAX_UNREAD = 64 * 1024

/** How many are kept if somebody else does wait, because the answers to other calls come behind the listing. */
const MAX_BACKLOG = 64 * 1024 * 1024

/** What can keep a server from sending more. */
export interface Gate {
  hold(holder: object, kind: 'while-alone'): void
  release(holder: object): void
}

/** The bytes of a listing that have come and that its reader has not yet taken. */
export class ListingBudget {
  readonly #gate: Gate
  #unread = 0

  constructor(gate: Gate) {
    this.#gate = gate
  }

  /** Throws `usage` if the reader lets the listing wait for too long behind other calls. */
  add(bytes: number, path: string): void {
    this.#unread += bytes
    if (this.#unread > MAX_UNREAD) this.#gate.hold(this, 'while-alone')
    if (this.#unread <= MAX_BACKLOG) return
    const backlog = `${MAX_BACKLOG / 1024 / 1024} MiB of it were not read`
    throw new FtpError(
      'usage',
      `${path}: other calls wait behind this listing, and ${backlog}; read it to its end before other calls, or use a second connection`,
      { path },
    )
  }

  take(bytes: number): void {
    this.#unread -= bytes
    if (this.#unread <= MAX_UNREAD) this.#gate.release(this)
  }
}
