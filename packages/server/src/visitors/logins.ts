import { randomBytes } from 'node:crypto'
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
  /** Asks the main thread who that is. `challenge` is what the client had to sign if it logs in by a key. */
  readonly ask: (request: RequestOf<'login'>, challenge: string | undefined) => Promise<LoginAnswer>
  readonly openStorage: (account: Account, permissions: Permissions) => Promise<Storage>
  readonly programsOf: (account: Account) => Programs
  /** Rates that hold for everybody. */
  readonly rates: readonly RateLimit[]
}

/** So many that no two connections ever have the same. */
const CHALLENGE_BYTES = 32

/** Logs the visitors of one connection in, and gives each of them a storage of their own. */
export class Logins {
  readonly #options: LoginsOptions
  #challenge: string | undefined

  constructor(options: LoginsOptions) {
    this.#options = options
  }

  /** The names of the ways to log in. */
  get methods(): string[] {
    return this.#options.methods()
  }

  /** What a client signs that logs in by a key: made for this connection alone. Undefined if no user has a key. */
  get challenge(): string | undefined {
    if (this.methods.includes('key')) this.#challenge ??= randomBytes(CHALLENGE_BYTES).toString('base64')
    return this.#challenge
  }

  /** Throws `login-failed`, or why the user may not come in now. */
  async login(request: RequestOf<'login'>): Promise<Visitor> {
    const answer = await this.#options.ask(request, this.#challenge)
    if (answer.type === 'refused') {
      throw new ProtocolError(answer.error.code, answer.error.message)
    }
    const { account } = answer
    const { user, rules, rate, credential } = account
    const permissions = new Permissions(user, rules)
    const { rates } = this.#options
    return {
      user,
      credential,
      home: '/',
      permissions: permissions.at('/'),
      programs: this.#options.programsOf(account),
      storage: await this.#options.openStorage(account, permissions),
      rates: rate === undefined ? rates : [...rates, new RateLimit(rate.bytesPerSecond, rate.memory)],
    }
  }
}
