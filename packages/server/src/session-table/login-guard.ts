import { ProtocolError } from '@jftp/protocol'
import { RecentFailures } from './recent-failures.js'

export interface LoginGuardOptions {
  /** Consecutive recent failures that ban an address. 0 turns bans and delays off. */
  readonly maxFailures: number
  /** How long an address is banned, and how long failures are remembered, in milliseconds. */
  readonly banMs: number
}

/** An address that may not connect. */
export interface Ban {
  readonly address: string
  /** Milliseconds since 1970. */
  readonly until: number
}

/** The kind of credential that a login presents. A password or token can be guessed, a key can't. */
type Proof = 'secret' | 'key'

interface RunningBan {
  /** Milliseconds since 1970. */
  readonly until: number
  /** TLS handshakes that were made only to tell the client that it is banned. */
  handshakes: number
}

/** TLS handshakes made to tell an address of its ban. Later connections are closed first, because each costs a signature. */
const MAX_HANDSHAKES = 20

/** Maximum numbers of entries. Each takes about 200 bytes. */
const MAX_ADDRESSES = 50_000
const MAX_USERS = 10_000
const MAX_BANS = 50_000

/** Failures that cause no delay, because everybody mistypes. */
const FREE_FAILURES = 2

/** The delay (ms) after the first failure that causes one. Each further failure doubles it. */
const FIRST_DELAY = 250

/** Maximum delay and maximum wait for a turn (ms). Longer ones would exceed the login deadline. */
const MAX_DELAY = 4_000
const MAX_WAIT = 6_000

/** Maximum delay (ms) that failures from other addresses impose on a user, so an attacker cannot lock them out. */
const MAX_USER_DELAY = 1_000

/**
 * Makes guessing passwords slow: failed logins delay the next ones from the same address and for the same user more and
 * more, and then the address is banned for a while. A user is never banned, only an address is. It is in the main
 * thread, so it holds for all workers together.
 */
export class LoginGuard {
  #options: LoginGuardOptions
  readonly #addresses: Readonly<Record<Proof, RecentFailures>>
  readonly #users: RecentFailures
  /** By address; the oldest ban comes first. */
  readonly #bans = new Map<string, RunningBan>()
  /** Called when an address is banned. */
  onBan: (ban: Ban) => void = () => {}

  constructor(options: LoginGuardOptions) {
    this.#options = options
    this.#addresses = {
      secret: new RecentFailures(options.banMs, MAX_ADDRESSES),
      key: new RecentFailures(options.banMs, MAX_ADDRESSES),
    }
    this.#users = new RecentFailures(options.banMs, MAX_USERS)
  }

  /** The new settings hold for later failures and for those that are remembered. Running bans keep their end. */
  change(options: LoginGuardOptions): void {
    this.#options = options
    for (const failures of [...Object.values(this.#addresses), this.#users])
      failures.forgetAfter = options.banMs
  }

  /** Throws `rate-limited` if the address is banned. `address` is an address group; undefined is a Unix socket. */
  admit(address: string | undefined): void {
    const ban = address === undefined ? undefined : this.#banOf(address)
    if (ban !== undefined) throw banned(ban.until)
  }

  /** Called before a TLS handshake. Throws as `admit` does, but lets the first handshakes pass, so that the client is told. */
  admitHandshake(address: string | undefined): void {
    const ban = address === undefined ? undefined : this.#banOf(address)
    if (ban !== undefined && ++ban.handshakes > MAX_HANDSHAKES) throw banned(ban.until)
  }

  /**
   * Runs a login, after a delay if there were failures. During that delay attempts from one address take turns, so that
   * parallel attempts are no faster. Throws `rate-limited` if the address is banned or would wait too long for its turn,
   * and whatever `login` throws. Of that only `login-failed`, a wrong user or secret, counts as a failure.
   *
   * A refused key counts for the address alone, and is forgotten as soon as somebody logs in from there, because clients
   * with an agent offer all its keys to every server before they ask for a password.
   */
  async attempt<T>(
    address: string | undefined,
    user: string,
    login: () => Promise<T>,
    proof: Proof = 'secret',
  ): Promise<T> {
    if (this.#options.maxFailures === 0) return await login()
    this.admit(address)
    const name = user.slice(0, MAX_USER_LENGTH)
    const now = Date.now()
    const delay = Math.max(
      address === undefined ? 0 : this.#turnOf(this.#addresses[proof], address, now),
      proof === 'key' ? 0 : delayAfter(this.#users.count(name, now), MAX_USER_DELAY),
    )
    if (delay > 0) await new Promise<void>((resolve) => setTimeout(resolve, delay))
    // Others that waited too may have failed meanwhile.
    this.admit(address)
    try {
      const result = await login()
      if (address !== undefined) this.#addresses.key.forget(address)
      return result
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'login-failed') this.#fail(address, name, proof)
      throw error
    }
  }

  /** The addresses that are banned at the moment. */
  get bans(): Ban[] {
    return [...this.#bans.keys()].flatMap((address) => {
      const ban = this.#banOf(address)
      return ban === undefined ? [] : [{ address, until: ban.until }]
    })
  }

  /** Lifts a ban and forgets the failures behind it. Returns whether there was one. */
  unban(address: string): boolean {
    for (const failures of Object.values(this.#addresses)) failures.forget(address)
    return this.#bans.delete(address)
  }

  #turnOf(failures: RecentFailures, address: string, now: number): number {
    const delay = delayAfter(failures.count(address, now), MAX_DELAY)
    if (delay === 0) return 0
    const wait = failures.reserve(address, delay, MAX_WAIT, now)
    if (wait > MAX_WAIT) {
      throw new ProtocolError('rate-limited', 'too many logins from your address wait; try again later')
    }
    return wait
  }

  #fail(address: string | undefined, user: string, proof: Proof): void {
    const now = Date.now()
    if (proof === 'secret') this.#users.add(user, now)
    if (address === undefined) return
    if (this.#addresses[proof].add(address, now) >= this.#options.maxFailures) this.#ban(address)
  }

  #ban(address: string): void {
    const until = Date.now() + this.#options.banMs
    this.#bans.delete(address)
    this.#bans.set(address, { until, handshakes: 0 })
    const [oldest] = this.#bans.keys()
    if (this.#bans.size > MAX_BANS && oldest !== undefined) this.#bans.delete(oldest)
    this.onBan({ address, until })
  }

  #banOf(address: string): RunningBan | undefined {
    const ban = this.#bans.get(address)
    if (ban === undefined || ban.until > Date.now()) return ban
    this.#bans.delete(address)
    return undefined
  }
}

/** Only so many characters of a name are compared, because a client may send very long names. */
const MAX_USER_LENGTH = 64

function delayAfter(failures: number, most: number): number {
  if (failures <= FREE_FAILURES) return 0
  return Math.min(most, FIRST_DELAY * 2 ** (failures - FREE_FAILURES - 1))
}

function banned(until: number): ProtocolError {
  const minutes = Math.max(1, Math.ceil((until - Date.now()) / 60_000))
  return new ProtocolError(
    'rate-limited',
    `too many failed logins from your address; try again in ${minutes} min`,
  )
}
