import {
  type FtpClient,
  FtpError,
  formatRemoteUrl,
  formatServer,
  type RemoteUrl,
  type Retry,
} from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { Settings } from '../settings/settings.js'
import type { Certificates } from './certificates.js'
import type { ConnectCredentials, Credentials } from './credentials.js'

/** What a connection is made with. */
export type ConnectionSettings = Pick<
  Settings,
  'user' | 'credentials' | 'pin' | 'ca' | 'input' | 'timeout' | 'limitRate' | 'retry'
>

/** A server is known, but there is no connection yet, or it was lost for `reason`. */
interface Disconnected {
  readonly type: 'disconnected'
  readonly server: RemoteUrl
  readonly cwd: string | undefined
  readonly reason?: FtpError
}

type State =
  | { readonly type: 'none' }
  | Disconnected
  | ({ readonly type: 'connected'; readonly server: RemoteUrl } & OpenConnection)

/** Before the first command, whose settings say more. */
const NO_RETRY = { retries: 0, delay: 0, when: 'once-connected' } as const

/** How often a password may be mistyped. */
const MAX_ATTEMPTS = 3

/** A connection and the current folder, which only this side knows. */
export interface OpenConnection {
  readonly client: FtpClient
  readonly cwd: string
}

/** A connection that is being made, and what cancels that. */
interface Attempt {
  readonly signal: AbortSignal
  readonly connection: Promise<OpenConnection>
}

/**
 * The server that a shell, a batch or one command talks to, and the connection to it, which is made when it is
 * first needed and made again after it was lost.
 */
export class ServerConnection {
  readonly #onNews: (message: string) => void
  readonly #credentials: Credentials
  readonly #certificates: Certificates
  #state: State = { type: 'none' }
  #attempt: Attempt | undefined
  #settings: ConnectionSettings = {
    user: undefined,
    credentials: { type: 'ask' },
    pin: undefined,
    ca: undefined,
    input: 'ask',
    timeout: undefined,
    limitRate: undefined,
    retry: NO_RETRY,
  }
  #awaited: string | undefined

  /** `onNews` is told when a connection was lost and has been made again, and when something is to be tried again. */
  constructor(onNews: (message: string) => void, credentials: Credentials, certificates: Certificates) {
    this.#credentials = credentials
    this.#certificates = certificates
    this.#onNews = onNews
  }

  /** Sets how connections are made from now on, how fast the current one may be, and forgets what the command before this one waited for. */
  beginCommand(settings: ConnectionSettings): void {
    this.#settings = settings
    this.#awaited = undefined
    if (this.current !== undefined) this.current.client.limitRate = settings.limitRate
  }

  /** What the current command waits for, if it has turned to the server: `host to answer`. Printable. */
  get awaited(): string | undefined {
    return this.#awaited
  }

  get server(): RemoteUrl | undefined {
    return this.#state.type === 'none' ? undefined : this.#state.server
  }

  /** The current folder; undefined if the server has not been asked for the home folder yet. */
  get cwd(): string | undefined {
    return this.#state.type === 'none' ? undefined : this.#state.cwd
  }

  /** The connection if there is one just now. */
  get current(): OpenConnection | undefined {
    return this.#state.type === 'connected' ? this.#state : undefined
  }

  /** Sets the server and folder. The connection is made when it is needed. */
  setServer(server: RemoteUrl, cwd: string | undefined): void {
    this.#state = { type: 'disconnected', server, cwd }
  }

  /** Changes the current folder of the connection. */
  setFolder(cwd: string): void {
    if (this.#state.type === 'connected') this.#state = { ...this.#state, cwd }
  }

  /** Connects to a server and goes to a folder, or home. If that fails, the connection before stays. */
  async open(server: RemoteUrl, folder: string | undefined, signal: AbortSignal): Promise<void> {
    const client = await this.#connect(server, signal, 'connect')
    try {
      if (folder !== undefined) await requireFolder(client, folder, signal)
    } catch (error) {
      await client.close()
      throw error
    }
    await this.close()
    this.#become(server, { client, cwd: folder ?? client.home })
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#state = { type: 'none' }
    if (state.type === 'connected') await state.client.close()
  }

  /** Connects, or connects again, if needed; undefined if no server is known. */
  async connected(signal: AbortSignal): Promise<OpenConnection | undefined> {
    for (;;) {
      const state = this.#state
      if (state.type === 'none') return undefined
      this.#awaited = `${printable(formatServer(state.server))} to answer`
      if (state.type === 'connected') return state
      const attempt = this.#attempt ?? this.#begin(state, signal)
      // The callers of one command share its attempt. That of another command may be cancelled, so its end is awaited.
      if (attempt.signal === signal) return attempt.connection
      await attempt.connection.catch(() => {})
    }
  }

  #begin(state: Disconnected, signal: AbortSignal): Attempt {
    const connection = this.#reconnect(state, signal).finally(() => {
      this.#attempt = undefined
    })
    const attempt = { signal, connection }
    this.#attempt = attempt
    return attempt
  }

  async #reconnect(state: Disconnected, signal: AbortSignal): Promise<OpenConnection> {
    const { server, cwd: wanted, reason } = state
    // If nothing has to be known from the server first, the command's requests leave together with the login.
    const client = await this.#connect(server, signal, wanted === undefined || reason ? 'connect' : 'open')
    let cwd = wanted ?? client.home
    if (reason) {
      const gone = await requireFolder(client, cwd, signal).catch((error: unknown) => error)
      const lost = gone ? `; ${cwd} is gone, now in ${client.home}` : ''
      if (gone) cwd = client.home
      this.#onNews(printable(`${reason.message}; opened again${lost}`))
    }
    if (this.#state !== state) {
      await client.close()
      throw new FtpError(
        'closed',
        'the connection was closed, or another one opened, while it was being made',
      )
    }
    this.#become(server, { client, cwd })
    return { client, cwd }
  }

  async #connect(server: RemoteUrl, signal: AbortSignal, how: 'connect' | 'open'): Promise<FtpClient> {
    const user = server.user ?? this.#settings.user
    for (let attempts = 1; ; attempts++) {
      // Nobody waits for the server while a password is typed.
      this.#awaited = undefined
      const found = await this.#credentials.find(this.#settings.credentials, server, user, signal)
      this.#awaited = `${printable(formatServer(server))} to answer`
      const { credentials, origin } = found
      if (origin === 'given') return this.#open(server, user, credentials, signal, how)
      try {
        const client = await this.#open(server, user, credentials, signal, 'connect')
        this.#credentials.remember(server, client.user, credentials)
        return client
      } catch (error) {
        const mayBeMistyped = error instanceof FtpError && error.code === 'login-failed'
        if (!mayBeMistyped || attempts === MAX_ATTEMPTS) throw error
        this.#onNews(printable(error.message))
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
    const mayAsk = await this.#certificates.mayAsk(server, this.#settings)
    try {
      return await this.#dial(server, user, credentials, signal, mayAsk ? 'connect' : how)
    } catch (error) {
      const isUnknown = error instanceof FtpError && error.code === 'unknown-certificate'
      if (!mayAsk || !isUnknown) throw error
      // Nobody waits for the server while a person compares fingerprints.
      const awaited = this.#awaited
      this.#awaited = undefined
      await this.#certificates.accept(server, error, signal)
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
    const library = await import('@jftp/client')
    const { timeout, limitRate, retry } = this.#settings
    return library[how](formatRemoteUrl({ ...server, path: '' }), {
      ...credentials,
      ...(await this.#certificates.find(server, this.#settings)),
      signal,
      user,
      timeout,
      limitRate,
      retry: { ...retry, onRetry: (next) => this.#tellOf(next) },
    })
  }

  #tellOf({ error, attempt, retries, delay }: Retry): void {
    const wait = delay < 1000 ? `${delay} ms` : `${(delay / 1000).toFixed(1)} s`
    this.#onNews(printable(`${error.message}; trying again in ${wait} (${attempt} of ${retries})`))
  }

  #become(server: RemoteUrl, { client, cwd }: OpenConnection): void {
    this.#state = { type: 'connected', server, cwd, client }
    void client.closed.then((closed) => {
      const state = this.#state
      if (state.type !== 'connected' || state.client !== client) return
      const reason = closed ?? new FtpError('connection-lost', 'the server ended it')
      this.#state = { type: 'disconnected', server, cwd: state.cwd, reason }
    })
  }
}

/** Throws unless that folder exists. A link to a folder will do. */
export async function requireFolder(client: FtpClient, path: string, signal: AbortSignal): Promise<void> {
  if (path === '/') return
  await client.checkFolder(path, { signal })
}
