import { ProtocolError, type RequestOf } from '@jftp/protocol'
import type { Accounts } from './accounts/accounts.js'
import type { LoginChannel } from './accounts/login-method.js'
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
  async login(
    request: RequestOf<'login'>,
    session: SessionEntry,
    proof: Pick<LoginChannel, 'challenge' | 'certificate'>,
  ): Promise<LoginAnswer> {
    const address = addressGroup(session.client)
    const visit = {
      ...proof,
      session: session.id,
      client: address ?? 'unix',
      isOver: () => this.#sessions.get(session.id) === undefined,
    }
    const login = () => this.#accounts.login(request, visit)
    try {
      const account = await this.#attempt(request, address, login)
      session.user = account.user
      return { type: 'admitted', account }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return { type: 'refused', error: error.toWire() }
    }
  }

  async #attempt<T>(
    { method, user = '' }: RequestOf<'login'>,
    address: string | undefined,
    login: () => Promise<T>,
  ): Promise<T> {
    // An anonymous login has no secret, so it is no attempt to guess one.
    if (method === 'anonymous') return await login()
    return await this.#guard.attempt(address, user, login, method === 'key' ? 'key' : 'secret')
  }
}
