import { ProtocolError, type RequestOf } from '@jftp/protocol'
import type { Accounts } from './accounts/accounts.js'
import { addressGroup } from './session-table/address-group.js'
import type { LoginGuard } from './session-table/login-guard.js'
import type { SessionEntry, SessionTable } from './session-table/session-table.js'
import type { LoginAnswer } from './visitors/account.js'

/** Every login of every session passes here, whether it succeeds or fails. */
export class GuardedLogins {
  readonly #accounts: Accounts
  readonly #guard: LoginGuard
  readonly #sessions: SessionTable

  constructor(accounts: Accounts, guard: LoginGuard, sessions: SessionTable) {
    this.#accounts = accounts
    this.#guard = guard
    this.#sessions = sessions
  }

  /** Logs in, and enters in the table of sessions who it was. */
  async login(request: RequestOf<'login'>, session: SessionEntry): Promise<LoginAnswer> {
    const address = addressGroup(session.client)
    const visit = {
      session: session.id,
      client: address ?? 'unix',
      isOver: () => this.#sessions.get(session.id) === undefined,
    }
    const login = () => this.#accounts.login(request, visit)
    // An anonymous login has no secret, so it is no attempt to guess one.
    const isGuess = request.method !== 'anonymous'
    const answer = isGuess ? await this.#guarded(address, request.user ?? '', login) : await login()
    if (answer.type === 'admitted') session.user = answer.account.user
    return answer
  }

  /** Waits before the login, or refuses it, if others failed before it. */
  async #guarded(
    address: string | undefined,
    user: string,
    login: () => Promise<LoginAnswer>,
  ): Promise<LoginAnswer> {
    try {
      return await this.#guard.attempt(address, user, login, (answer) =>
        answer.type === 'refused' && answer.error.code === 'login-failed' ? 'failed' : 'other',
      )
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return { type: 'refused', error: error.toWire() }
    }
  }
}
