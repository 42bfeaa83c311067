import { join } from 'node:path'
import { ProtocolError, type RequestOf, type WireError } from '@jftp/protocol'
import type { Reloadable } from '../reload.js'
import { UsageError } from '../usage-error.js'
import type { Account } from '../visitors/account.js'
import { Admissions } from './admissions.js'
import { type AnonymousAccess, anonymousLogin } from './anonymous.js'
import { CheckQueue } from './check-queue.js'
import { isInForce } from './grant.js'
import { hasKeys, keyLogin } from './key.js'
import type { LoginChannel, LoginMethod, LoginMethodName } from './login-method.js'
import { MethodOffer } from './method-offer.js'
import { passwordLogin } from './password.js'
import { Quotas } from './quotas.js'
import { tokenLogin } from './token.js'
import { UserAccounts } from './user-account.js'
import { readUsersFile } from './users-file.js'
import type { Users } from './users-schema.js'

export interface AccountsOptions {
  /** The real path of the folder that is served. */
  readonly root: string
  readonly usersFile: string
  /** Whether it is an error if that file does not exist: the operator has named it. */
  readonly ifMissing: 'fail' | 'no-users'
  /** What anonymous visitors may do: `by-users` lets them write as long as there is no user. */
  readonly anonymous: AnonymousAccess | 'by-users'
}

/** The quota of one user, in bytes. */
export interface QuotaUse {
  readonly user: string
  readonly limit: number
  /** What all files in the home have together; undefined if they were not counted yet. */
  readonly used: number | undefined
}

/** The connection on which somebody wants to log in. */
export interface Visit extends LoginChannel {
  readonly session: number
  readonly isOver: () => boolean
}

/** Who may log in, and how. It is in the main thread, so it is the same for all sessions at any time. */
export class Accounts implements Reloadable<AccountsOptions> {
  /** The ways to log in that are offered at the moment, readable in every thread. */
  readonly offer = new MethodOffer()
  #options: AccountsOptions
  readonly #checks = new CheckQueue()
  readonly #admissions = new Admissions()
  readonly #quotas = new Quotas()
  readonly #methods: ReadonlyMap<string, LoginMethod>
  #users: Users = new Map()

  private constructor(options: AccountsOptions) {
    this.#options = options
    const users = () => this.#users
    const accounts = new UserAccounts()
    const methods: Record<LoginMethodName, LoginMethod> = {
      anonymous: anonymousLogin(() => this.anonymousAccess),
      password: passwordLogin(users, this.#checks, accounts),
      token: tokenLogin(users, accounts),
      key: keyLogin(users, accounts),
    }
    this.#methods = new Map(Object.entries(methods))
  }

  /** Throws UsageError if the users file can't be used. */
  static async open(options: AccountsOptions): Promise<Accounts> {
    const accounts = new Accounts(options)
    const apply = await accounts.prepareReload(options)
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

  /** Finds out who that is, and admits them. Throws ProtocolError if they may not come in: `login-failed`, and others. */
  async login(request: RequestOf<'login'>, visit: Visit): Promise<Account> {
    const grant = await this.#methodOf(request).login(request, visit)
    const { account } = grant
    if (visit.isOver()) throw new ProtocolError('cancelled', 'the connection ended before the login did')
    this.#admissions.admit(visit.session, grant, this.#users.get(account.user)?.maxSessions)
    return account
  }

  /** Sets bytes aside for a session whose user has a quota. Resolves to the number of the reservation, or to the error. */
  async reserve(session: number, bytes: number): Promise<number | WireError> {
    const account = this.#admissions.accountOf(session)
    const quota = this.#users.get(account?.user ?? '')?.quota
    // The user was removed meanwhile, or has no quota any more.
    if (account === undefined || quota === undefined) return 0
    try {
      const home = join(this.#options.root, account.home)
      return await this.#quotas.reserve(session, home, quota, bytes)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return error.toWire()
    }
  }

  /** The users who have a quota, those who have used the most of it first. */
  get quotas(): QuotaUse[] {
    const limited = [...this.#users.values()].flatMap(({ name: user, home, quota: limit }) =>
      limit === undefined ? [] : [{ user, home, limit }],
    )
    const used = this.#quotas.used(limited.map(({ home }) => join(this.#options.root, home)))
    return limited
      .map(({ user, limit }, index) => ({ user, limit, used: used[index] }))
      .sort((a, b) => (b.used ?? 0) / b.limit - (a.used ?? 0) / a.limit)
  }

  /** Ends a reservation: so many bytes were stored. */
  settle(reservation: number, stored: number): void {
    this.#quotas.settle(reservation, stored)
  }

  /** To be called when a session is over. */
  ended(session: number): void {
    this.#admissions.end(session)
    this.#quotas.end(session)
  }

  /** The sessions that could not log in now as they did: their users, tokens or keys were changed, or are over. */
  get revoked(): number[] {
    return this.#admissions.without((grant) => isInForce(grant, this.#users))
  }

  #methodOf({ method: name }: RequestOf<'login'>): LoginMethod {
    // An anonymous visitor is told why nobody may come in so, whether that is offered or not.
    const method = this.#methods.get(name)
    if (method !== undefined && ['anonymous', ...this.offer.names].includes(name)) return method
    const offered = this.offer.names.join(', ')
    throw new ProtocolError('login-failed', `this server offers no such login method; it has ${offered}`)
  }

  async prepareReload(options: AccountsOptions): Promise<() => void> {
    const { usersFile, ifMissing } = options
    const users = await readUsersFile(usersFile)
    if (users === undefined && ifMissing === 'fail') {
      throw new UsageError(
        `the users file ${usersFile} does not exist; make it with: ftpd user add NAME --users ${usersFile}`,
      )
    }
    return () => {
      this.#options = options
      this.#users = users ?? new Map()
      const hasUsers = this.#users.size > 0
      const anonymous = this.anonymousAccess !== 'none'
      this.offer.set({ anonymous, password: hasUsers, token: hasUsers, key: hasKeys(this.#users) })
    }
  }
}
