import { ProtocolError } from '@jftp/protocol'

/**
 * How many more TLS connections than sessions one address may have. A client that has too many sessions can be told so
 * only after a handshake, so its further connections need this room.
 */
const ROOM_TO_TELL = 64

/** Something that has an event when it is closed. */
interface Closing {
  once(event: 'close', listener: () => void): unknown
}

/** Counts the TLS connections of each address, from before the handshake, when there is no session yet. */
export class SecuredConnections {
  readonly #counts = new Map<string, number>()

  /** Throws `too-many-connections`. `address` is an address group, `most` how many sessions it may have. */
  admit(address: string, connection: Closing, most: number): void {
    const count = this.#counts.get(address) ?? 0
    if (count >= most + ROOM_TO_TELL) {
      throw new ProtocolError(
        'too-many-connections',
        'too many TLS handshakes from your address are under way',
      )
    }
    this.#counts.set(address, count + 1)
    connection.once('close', () => this.#end(address))
  }

  #end(address: string): void {
    const count = (this.#counts.get(address) ?? 0) - 1
    if (count > 0) this.#counts.set(address, count)
    else this.#counts.delete(address)
  }
}
