import { ProtocolError, type RequestOf } from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import type { Storage } from '../storage/storage.js'
import type { Account, Visitor } from './visitor.js'

/** A way to log in, by the name that HELLO offers it under. */
export interface LoginMethod {
  readonly name: string
  /** Throws `login-failed`; the same error for an unknown user as for a wrong secret. */
  login(request: RequestOf<'login'>): Promise<Account>
}

/** Hands each login request to its method, and gives everybody who may log in a storage of their own. */
export class Logins {
  readonly #methods: ReadonlyMap<string, LoginMethod>
  readonly #openStorage: (account: Account) => Storage
  readonly #rates: readonly RateLimit[]

  /** `rates` hold for everybody. */
  constructor(
    methods: readonly LoginMethod[],
    openStorage: (account: Account) => Storage,
    rates: readonly RateLimit[],
  ) {
    this.#rates = rates
    this.#methods = new Map(methods.map((method) => [method.name, method]))
    this.#openStorage = openStorage
  }

  /** The names of all methods. */
  get methods(): string[] {
    return [...this.#methods.keys()]
  }

  /** Throws `login-failed`. */
  async login(request: RequestOf<'login'>): Promise<Visitor> {
    const method = this.#methods.get(request.method)
    if (method === undefined) {
      const offered = this.methods.join(', ')
      throw new ProtocolError('login-failed', `this server offers no such login method; it has ${offered}`)
    }
    const account = await method.login(request)
    const { user, home, permissions } = account
    return {
      user,
      home,
      permissions: permissions.at(home),
      storage: this.#openStorage(account),
      rates: this.#rates,
    }
  }
}
