import type { Connection } from '../connection/connection.js'
import type { LoginRequest } from '../connection/login-request.js'
import { type FtpError, toFtpError } from '../errors/ftp-error.js'
import type { Start } from './call.js'
import { SimpleCall } from './simple-call.js'

/**
 * The login. If it is refused, or can't be made, so is everything that was sent together with it, and `onRefused` is told before the
 * answers to that come: they would only say that nobody has logged in.
 */
export class LoginCall extends SimpleCall<'login'> {
  readonly #connection: Connection
  readonly #login: LoginRequest
  readonly #onRefused: (error: FtpError) => void

  constructor(connection: Connection, login: LoginRequest, onRefused: (error: FtpError) => void) {
    super(connection, 'login', {})
    this.#connection = connection
    this.#login = login
    this.#onRefused = onRefused
  }

  override prepare(): Promise<void> | undefined {
    return this.#login.prepare()?.catch((error: unknown) => this.#onRefused(toFtpError(error)))
  }

  override start(id: number): Start {
    this.#connection.outbox.request(id, 'login', this.#login.arguments)
    return 'sent'
  }

  override ack(payload: Uint8Array): 'done' {
    const answer = super.ack(payload)
    if (this.refusal !== undefined) this.#onRefused(this.refusal)
    return answer
  }
}
