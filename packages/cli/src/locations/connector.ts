import {
  connect,
  type FtpClient,
  FtpError,
  formatRemoteUrl,
  formatServer,
  open,
  type RemoteUrl,
  type Retry,
} from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { Settings } from '../settings/settings.js'
import type { Certificates } from './certificates.js'
import type { ConnectCredentials, Credentials } from './credentials.js'
import type { NamedServer } from './server-address.js'

/** What a connection is made with. */
export type ConnectionSettings = Pick<
  Settings,
  | 'user'
  | 'credentials'
  | 'pin'
  | 'ca'
  | 'input'
  | 'assumesYes'
  | 'timeout'
  | 'limitRate'
  | 'retry'
  | 'verbosity'
>

/** Before the first command, whose settings say more. */
const NO_RETRY = { retries: 0, delay: 0, when: 'once-connected' } as const

/** How often a password may be mistyped. */
const MAX_ATTEMPTS = 3

/** Makes connections as the settings say, and asks a person for what is missing. */
export class Connector {
  readonly #onNews: (message: string) => void
  readonly #credentials: Credentials
  readonly #certificates: Certificates
  #settings: ConnectionSettings = {
    user: undefined,
    credentials: { type: 'none' },
    pin: undefined,
    ca: undefined,
    input: 'ask',
    assumesYes: false,
    timeout: undefined,
    limitRate: undefined,
    retry: NO_RETRY,
    verbosity: 'normal',
  }
  #awaited: string | undefined

  /** `onNews` is told what `note` lets through, which password was refused and which certificate was accepted without asking. */
  constructor(onNews: (message: string) => void, credentials: Credentials, certificates: Certificates) {
    this.#onNews = onNews
    this.#credentials = credentials
    this.#certificates = certificates
  }

  /** Sets how connections are made from now on, and forgets what the command before this one waited for. */
  beginCommand(settings: ConnectionSettings): void {
    this.#settings = settings
    this.#awaited = undefined
  }

  /** What the current command waits for, if it has turned to the server: `host to answer`. Printable. */
  get awaited(): string | undefined {
    return this.#awaited
  }

  /** From now on the current command waits for this server. */
  turnTo(server: RemoteUrl): void {
    this.#awaited = `${printable(formatServer(server))} to answer`
  }

  /** Tells of something that a quiet command leaves out. */
  note(message: string): void {
    if (this.#settings.verbosity !== 'quiet') this.#onNews(printable(message))
  }

  /** Connects and logs in. With `open` it does not wait for the login, if nobody has to be asked. */
  async connect(server: NamedServer, signal: AbortSignal, how: 'connect' | 'open'): Promise<FtpClient> {
    const user = server.user ?? this.#settings.user
    for (let attempts = 1; ; ) {
      // Nobody waits for the server while a password is typed.
      this.#awaited = undefined
      const found = await this.#credentials.find(this.#settings, server, user, signal)
      this.turnTo(server)
      const { credentials, origin } = found
      if (origin === 'given') return this.#open(server, user, credentials, signal, how)
      try {
        const client = await this.#open(server, user, credentials, signal, 'connect')
        this.#credentials.remember(server, client.user, credentials)
        return client
      } catch (error) {
        if (!(error instanceof FtpError) || error.code !== 'login-failed') throw error
        if (origin === 'agent') this.#credentials.noteAgentRefusal(server, user ?? '', error)
        else if (attempts++ === MAX_ATTEMPTS) throw error
        else this.#onNews(printable(error.message))
      }
    }
  }

  async #open(
    server: RemoteUrl,
    user: string | undefined,
    credentials: ConnectCredentials,
    signal: AbortSignal,
    how: 'connect' | 'open',
  ): Promise<FtpClient> {
    const mayAccept = await this.#certificates.mayAccept(server, this.#settings)
    try {
      return await this.#dial(server, user, credentials, signal, mayAccept ? 'connect' : how)
    } catch (error) {
      const isUnknown = error instanceof FtpError && error.code === 'unknown-certificate'
      if (!mayAccept || !isUnknown) throw error
      // Nobody waits for the server while a person compares fingerprints.
      const awaited = this.#awaited
      this.#awaited = undefined
      const { assumesYes } = this.#settings
      if (!assumesYes) await this.#certificates.ask(server, error, signal)
      const news = await this.#certificates.remember(server, error)
      if (assumesYes) this.#onNews(news)
      this.#awaited = awaited
      return await this.#dial(server, user, credentials, signal, how)
    }
  }

  async #dial(
    server: RemoteUrl,
    user: string | undefined,
    credentials: ConnectCredentials,
    signal: AbortSignal,
    how: 'connect' | 'open',
  ): Promise<FtpClient> {
    const { timeout, limitRate, retry } = this.#settings
    return (how === 'open' ? open : connect)(formatRemoteUrl({ ...server, path: '' }), {
      user,
      ...credentials,
      ...(await this.#certificates.find(server, this.#settings)),
      signal,
      timeout,
      limitRate,
      retry: { ...retry, onRetry: (next) => this.#tellOf(next) },
    })
  }

  #tellOf({ error, attempt, retries, delay }: Retry): void {
    const wait = delay < 1000 ? `${delay} ms` : `${(delay / 1000).toFixed(1)} s`
    this.note(`${error.message}; trying again in ${wait} (${attempt} of ${retries})`)
  }
}
