import { ProtocolError, type RequestOf } from '@jftp/protocol'
import type { Grant } from './grant.js'

/** Every way to log in, by the name that HELLO offers it under. */
export const LOGIN_METHODS = ['anonymous', 'password', 'token', 'key'] as const

export type LoginMethodName = (typeof LOGIN_METHODS)[number]

/** What a login is about, besides what the client says. */
export interface LoginChannel {
  /** Where the request comes from: clients with the same name take turns when passwords are checked. */
  readonly client: string
  /** What was sent to this client alone, to be signed; undefined if nothing was. */
  readonly challenge: string | undefined
  /** The SHA-256 of the certificate that this client has seen, `sha256:` and hex; undefined without TLS. */
  readonly certificate: string | undefined
}

/** A way to find out who a visitor is. Runs in the main thread. */
export interface LoginMethod {
  /**
   * Throws `login-failed`: the same error, after the same time, for an unknown user as for a wrong secret.
   */
  login(request: RequestOf<'login'>, channel: LoginChannel): Promise<Grant>
}

/** The error of every failed login. It must not say whether the user or the secret is wrong. */
export function refused(): ProtocolError {
  return new ProtocolError('login-failed', 'the user name or the password is wrong')
}
