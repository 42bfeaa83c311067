import { ProtocolError, type RequestOf } from '@jftp/protocol'
import { RateLimit } from '@jftp/transfer'
import type { Programs } from '../programs/programs.js'
import type { Storage } from '../storage/storage.js'
import type { Account, LoginAnswer } from './account.js'
import { Permissions } from './permissions.js'
import type { Visitor } from './visitor.js'

export interface LoginsOptions {
  /** The ways to log in that HELLO offers at the moment. */
  readonly methods: () => string[]
  /** Asks the main thread who that is. */
  readonly ask: (request: RequestOf<'login'>) => Promise<LoginAnswer>
  readonly openStorage: (account: Account, permissions: Permissions) => Promise<Storage>
  readonly programsOf: (account: Account) => Programs
  /** Rates that hold for everybody. */
  readonly rates: readonly RateLimit[]
}

/** Logs visitors in, and gives each of them a storage of their own. */
export class Logins {
  readonly #options: LoginsOptions

  constructor(options: LoginsOptions) {
    this.#options = options
  }

  /** The names of the ways to log in. */
  get methods(): string[] {
    return this.#options.methods()
  }

  /** Throws `login-failed`, or why the user may not come in now. */
  async login(request: RequestOf<'login'>): Promise<Visitor> {
    const answer = await this.#options.ask(request)
    if (answer.type === 'refused') {
      throw new ProtocolError(answer.error.code, answer.error.message)
    }
    const { account } = answer
    const { user, rules, rate } = account
    const permissions = new Permissions(user, rules)
    const { rates } = this.#options
    return {
      user,
      home: '/',
      permissions: permissions.at('/'),
      programs: this.#options.programsOf(account),
      storage: await this.#options.openStorage(account, permissions),
      rates: rate === undefined ? rates : [...rates, new RateLimit(rate.bytesPerSecond, rate.memory)],
    }
  }
}
