import { type FtpClient, FtpError } from '@jftp/client'
import type { Certificates } from './certificates.js'
import { type ConnectionSettings, Connector } from './connector.js'
import type { Credentials } from './credentials.js'
import type { NamedServer } from './server-address.js'

/** A server is known, but there is no connection yet, or it was lost for `reason`. */
interface Disconnected {
  readonly type: 'disconnected'
  readonly server: NamedServer
  readonly cwd: string | undefined
  readonly reason?: FtpError
}

type State =
  | { readonly type: 'none' }
  | Disconnected
  | ({ readonly type: 'connected'; readonly server: NamedServer } & OpenConnection)

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
  readonly #connector: Connector
  #state: State = { type: 'none' }
  #attempt: Attempt | undefined

  /** `onNews` is told when a connection was lost and has been made again, and what the connector tells. */
  constructor(onNews: (message: string) => void, credentials: Credentials, certificates: Certificates) {
    this.#connector = new Connector(onNews, credentials, certificates)
  }

  /** Sets how connections are made from now on, how fast the current one may be, and forgets what the command before this one waited for. */
  beginCommand(settings: ConnectionSettings): void {
    this.#connector.beginCommand(settings)
    if (this.current !== undefined) this.current.client.limitRate = settings.limitRate
  }

  /** What the current command waits for, if it has turned to the server: `host to answer`. Printable. */
  get awaited(): string | undefined {
    return this.#connector.awaited
  }

  get server(): NamedServer | undefined {
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
  setServer(server: NamedServer, cwd: string | undefined): void {
    this.#state = { type: 'disconnected', server, cwd }
  }

  /** Changes the current folder of the connection. */
  setFolder(cwd: string): void {
    if (this.#state.type === 'connected') this.#state = { ...this.#state, cwd }
  }

  /** Connects to a server and goes to a folder, or home. If that fails, the connection before stays. */
  async open(server: NamedServer, folder: string | undefined, signal: AbortSignal): Promise<void> {
    const client = await this.#connector.connect(server, signal, 'connect')
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
      this.#connector.turnTo(state.server)
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
    const client = await this.#connector.connect(
      server,
      signal,
      wanted === undefined || reason ? 'connect' : 'open',
    )
    let cwd = wanted ?? client.home
    if (reason) {
      const gone = await requireFolder(client, cwd, signal).catch((error: unknown) => error)
      const lost = gone ? `; ${cwd} is gone, now in ${client.home}` : ''
      if (gone) cwd = client.home
      this.#connector.note(`${reason.message}; opened again${lost}`)
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

  #become(server: NamedServer, { client, cwd }: OpenConnection): void {
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
