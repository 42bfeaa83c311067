import { ProtocolError, type RequestOf } from '@jftp/protocol'
import type { Grant } from './grant.js'

/** Every way to log in, by the name that HELLO offers it under. */
export const LOGIN_METHODS = ['anonymous', 'password', 'token'] as const

export type LoginMethodName = (typeof LOGIN_METHODS)[number]

/** A way to find out who a visitor is. Runs in the main thread. */
export interface LoginMethod {
  /**
   * `client` names where the request comes from. Throws `login-failed`: the same error, after the same time, for an
   * unknown user as for a wrong secret.
   */
  login(request: RequestOf<'login'>, client: string): Promise<Grant>
}

/** What everybody is told who does not get in. It must not say which of the two is wrong. */
export function refused(): ProtocolError {
  return new ProtocolError('login-failed', 'the user name or the password is wrong')
}
