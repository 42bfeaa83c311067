import { ProtocolError, type RequestOf } from '@jftp/protocol'
import type { Reloadable } from '../reload.js'
import { UsageError } from '../usage-error.js'
import type { LoginAnswer } from '../visitors/account.js'
import { type AnonymousAccess, anonymousLogin } from './anonymous.js'
import { CheckQueue } from './check-queue.js'
import type { LoginMethod, LoginMethodName } from './login-method.js'
import { MethodOffer } from './method-offer.js'
import { passwordLogin } from './password.js'
import { readUsersFile } from './users-file.js'
import type { Users } from './users-schema.js'

export interface AccountsOptions {
  readonly usersFile: string
  /** Whether it is an error if that file does not exist: the operator has named it. */
  readonly ifMissing: 'fail' | 'no-users'
  /** What anonymous visitors may do: `by-users` lets them write as long as there is no user. */
  readonly anonymous: AnonymousAccess | 'by-users'
}

/** Who may log in, and how. It is in the main thread, so it is the same for all sessions at any time. */
export class Accounts implements Reloadable {
  /** The ways to log in that are offered at the moment, readable in every thread. */
  readonly offer = new MethodOffer()
  readonly #options: AccountsOptions
  readonly #checks = new CheckQueue()
  readonly #methods: ReadonlyMap<string, LoginMethod>
  #users: Users = new Map()

  private constructor(options: AccountsOptions) {
    this.#options = options
    const users = () => this.#users
    const methods: Record<LoginMethodName, LoginMethod> = {
      anonymous: anonymousLogin(() => this.anonymousAccess),
      password: passwordLogin(users, this.#checks),
    }
    this.#methods = new Map(Object.entries(methods))
  }

  /** Throws UsageError if the users file can't be used. */
  static async open(options: AccountsOptions): Promise<Accounts> {
    const accounts = new Accounts(options)
    const apply = await accounts.prepareReload()
    apply()
    return accounts
  }

  get count(): number {
    return this.#users.size
  }

  get anonymousAccess(): AnonymousAccess {
    const { anonymous } = this.#options
    if (anonymous !== 'by-users') return anonymous
    return this.#users.size === 0 ? 'write' : 'none'
  }

  /** Never rejects because of what the client has sent. `client` names where the request comes from. */
  async login(request: RequestOf<'login'>, client: string): Promise<LoginAnswer> {
    try {
      const method = this.#methods.get(request.method)
      // An anonymous visitor is told why nobody may come in so, whether that is offered or not.
      const isOffered = ['anonymous', ...this.offer.names].includes(request.method)
      if (method === undefined || !isOffered) {
        throw new ProtocolError(
          'login-failed',
          `this server offers no such login method; it has ${this.offer.names.join(', ')}`,
        )
      }
      return { type: 'admitted', account: await method.login(request, client) }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return { type: 'refused', error: error.toWire() }
    }
  }

  async prepareReload(): Promise<() => void> {
    const { usersFile, ifMissing } = this.#options
    const users = await readUsersFile(usersFile)
    if (users === undefined && ifMissing === 'fail') {
      throw new UsageError(
        `the users file ${usersFile} does not exist; make it with: ftpd user add NAME --users ${usersFile}`,
      )
    }
    return () => {
      this.#users = users ?? new Map()
      this.offer.set({ anonymous: this.anonymousAccess !== 'none', password: this.#users.size > 0 })
    }
  }
}
