import type { RequestInput } from '@jftp/protocol'
import type { Connection } from '../connection/connection.js'
import type { FtpError } from '../errors/ftp-error.js'
import { SimpleCall } from './simple-call.js'

/**
 * The login. If it is refused, so is everything that was sent together with it, and `onRefused` is told before the
 * answers to that come: they would only say that nobody has logged in.
 */
export class LoginCall extends SimpleCall<'login'> {
  readonly #onRefused: (error: FtpError) => void

  constructor(connection: Connection, request: RequestInput<'login'>, onRefused: (error: FtpError) => void) {
    super(connection, 'login', request)
    this.#onRefused = onRefused
  }

  override ack(payload: Uint8Array): 'done' {
    const answer = super.ack(payload)
    if (this.refusal !== undefined) this.#onRefused(this.refusal)
    return answer
  }
}
