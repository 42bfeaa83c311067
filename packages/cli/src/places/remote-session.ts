import { type FtpClient, FtpError, formatPlace, formatRemoteUrl, type RemoteUrl } from '@jftp/client'
import { normalizeRemotePath, printable } from '@jftp/protocol'
import type { Settings } from '../settings/settings.js'
import { isRemoteUrl, isSameServer, isWrittenAsFolder, readServerAddress } from './server-address.js'

type ConnectionSettings = Pick<Settings, 'user' | 'timeout'>

type State =
  | { readonly type: 'none' }
  /** A server is known, but there is no connection yet, or it was lost for `reason`. */
  | {
      readonly type: 'disconnected'
      readonly server: RemoteUrl
      readonly cwd: string | undefined
      readonly reason?: FtpError
    }
  | {
      readonly type: 'connected'
      readonly server: RemoteUrl
      readonly cwd: string
      readonly client: FtpClient
    }

/** A remote path as a command needs it. */
export interface RemotePlace {
  readonly client: FtpClient
  /** Absolute and normal. */
  readonly path: string
  /** Whether it was written so that it can't be a file: `x/`, `.`, `..`. */
  readonly isFolder: boolean
}

export interface RemoteSessionOptions {
  /** What the user can do if no server is known. */
  readonly hint: string
  /** Called when a connection was lost and has been opened again. */
  readonly onReopened?: (message: string) => void
}

/**
 * The remote side of a shell, a batch or one command: the server, a connection that is made when it is first
 * needed and made again after it was lost, and the current folder, which the server does not know.
 */
export class RemoteSession {
  readonly #options: RemoteSessionOptions
  #state: State = { type: 'none' }
  #awaited: string | undefined
  #connecting: Promise<{ client: FtpClient; cwd: string }> | undefined
  #previousFolder: string | undefined
  #settings: ConnectionSettings = { user: undefined, timeout: undefined }
  /** --url or $FTP_URL of a single command: the server of relative paths. */
  #defaultUrl: string | undefined

  constructor(options: RemoteSessionOptions) {
    this.#options = options
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

  /** Sets the server and folder that relative paths belong to. It is read and connected to when one is resolved. */
  setDefault(url: string | undefined): void {
    this.#defaultUrl = url
  }

  /** Connects to a server and goes to the folder named, or home. If that fails, the old connection stays. */
  async open(text: string, signal: AbortSignal): Promise<void> {
    const { server, folder } = readServerAddress(text)
    const client = await this.#connect(server, signal, 'connect')
    try {
      if (folder !== undefined) await requireFolder(client, folder, signal)
    } catch (error) {
      await client.close()
      throw error
    }
    await this.close()
    this.#become(server, client, folder ?? client.home)
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#state = { type: 'none' }
    this.#previousFolder = undefined
    if (state.type === 'connected') await state.client.close()
  }

  /** `host:/cwd`, printable; undefined if no server is known. */
  get label(): string | undefined {
    const state = this.#state
    if (state.type === 'none') return undefined
    return printable(`${formatPlace(state.server)}:${state.cwd ?? '/'}`)
  }

  /** Whether there is a folder that relative paths belong to. */
  get hasFolder(): boolean {
    return this.#state.type !== 'none' || this.#defaultUrl !== undefined
  }

  /** The current folder as a URL; undefined if no server is known. */
  get url(): string | undefined {
    const state = this.#state
    return state.type === 'none' ? undefined : formatRemoteUrl({ ...state.server, path: state.cwd ?? '/' })
  }

  /** The same as `resolve`, or undefined if that would have to connect first. */
  locate(text: string): RemotePlace | undefined {
    if (this.#state.type !== 'connected') return undefined
    const { client, cwd } = this.#state
    try {
      return { client, path: normalizeRemotePath(text, cwd), isFolder: isWrittenAsFolder(text) }
    } catch {
      return undefined
    }
  }

  /** Reads a path or URL as typed, and connects if there is no connection yet. */
  async resolve(text: string, signal: AbortSignal): Promise<RemotePlace> {
    const isFolder = isWrittenAsFolder(text)
    if (!isRemoteUrl(text)) {
      this.#requireDefault(text)
      const { client, cwd } = await this.connected(signal)
      return { client, path: normalizeRemotePath(text, cwd), isFolder }
    }
    const { server, folder } = readServerAddress(text)
    this.#adopt(server, folder)
    const { client, cwd } = await this.connected(signal)
    return { client, path: folder ?? cwd, isFolder: isFolder || folder === undefined }
  }

  /** The connection and the current folder; connects, or connects again, if needed. */
  async connected(signal: AbortSignal): Promise<{ client: FtpClient; cwd: string }> {
    if (this.#state.type === 'none' && this.#defaultUrl !== undefined) {
      const { server, folder } = readServerAddress(this.#defaultUrl)
      this.#state = { type: 'disconnected', server, cwd: folder }
    }
    const state = this.#state
    if (state.type === 'connected') {
      this.#awaited = `${printable(formatPlace(state.server))} to answer`
      return state
    }
    if (state.type === 'none') throw new FtpError('usage', `no server to talk to; ${this.#options.hint}`)
    // Callers that come while the connection is being made share it.
    this.#connecting ??= this.#reconnect(state, signal).finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  /** Goes to a folder that exists: `-` is the one before, undefined the home folder. */
  async changeFolder(text: string | undefined, signal: AbortSignal): Promise<void> {
    if (text === '-' && this.#previousFolder === undefined) {
      throw new FtpError('usage', 'there was no folder before this one')
    }
    const target = text === '-' ? this.#previousFolder : text
    const place = target === undefined ? undefined : await this.resolve(target, signal)
    const { client, cwd } = await this.connected(signal)
    const path = place?.path ?? client.home
    await requireFolder(client, path, signal)
    this.#previousFolder = cwd
    if (this.#state.type === 'connected') this.#state = { ...this.#state, cwd: path }
  }

  /** Makes the server of a URL that was typed the one to talk to. It wins over the default one. */
  #adopt(server: RemoteUrl, folder: string | undefined): void {
    const state = this.#state
    if (state.type === 'none') {
      if (this.#defaultUrl !== undefined && isDefault(this.#defaultUrl, server)) return
      // A URL with a path of its own does not have to wait for the name of the home folder.
      this.#state = { type: 'disconnected', server, cwd: folder === undefined ? undefined : '/' }
    } else if (!isSameServer(state.server, server)) {
      throw new FtpError(
        'usage',
        `one command talks to one server: ${formatPlace(server)} is another than ${formatPlace(state.server)}`,
      )
    }
  }

  /** A relative path belongs to the default server, so it can't stand beside a URL of another one. */
  #requireDefault(path: string): void {
    const state = this.#state
    if (state.type === 'none' || this.#defaultUrl === undefined || isDefault(this.#defaultUrl, state.server))
      return
    throw new FtpError('usage', `'${path}' belongs to the server of --url or $FTP_URL; write it as a URL too`)
  }

  async #reconnect(
    { server, cwd: wanted, reason }: Extract<State, { type: 'disconnected' }>,
    signal: AbortSignal,
  ): Promise<{ client: FtpClient; cwd: string }> {
    // If nothing has to be known from the server first, the command's requests leave together with the login.
    const client = await this.#connect(server, signal, wanted === undefined || reason ? 'connect' : 'open')
    let cwd = wanted ?? client.home
    if (reason) {
      const gone = await requireFolder(client, cwd, signal).catch((error: unknown) => error)
      const lost = gone ? `; ${cwd} is gone, now in ${client.home}` : ''
      if (gone) cwd = client.home
      this.#options.onReopened?.(printable(`${reason.message}; opened again${lost}`))
    }
    this.#become(server, client, cwd)
    return { client, cwd }
  }

  async #connect(server: RemoteUrl, signal: AbortSignal, how: 'connect' | 'open'): Promise<FtpClient> {
    const library = await import('@jftp/client')
    const { user, timeout } = this.#settings
    const url = formatRemoteUrl({ ...server, path: '' })
    this.#awaited = `${printable(formatPlace(server))} to answer`
    return library[how](url, { signal, user: user ?? server.user, timeout })
  }

  #become(server: RemoteUrl, client: FtpClient, cwd: string): void {
    this.#state = { type: 'connected', server, cwd, client }
    void client.closed.then((reason) => {
      const state = this.#state
      if (state.type !== 'connected' || state.client !== client) return
      const lost = reason ?? new FtpError('connection-lost', 'the server ended it')
      this.#state = { type: 'disconnected', server, cwd: state.cwd, reason: lost }
    })
  }
}

/** Throws unless that folder exists. */
export async function requireFolder(client: FtpClient, path: string, signal: AbortSignal): Promise<void> {
  if (path === '/') return
  const { type } = await client.stat(path, { signal })
  if (type !== 'directory') throw new FtpError('not-a-directory', 'not a folder', { path })
}

/** Whether there is a folder at that place. */
export async function isRemoteFolder({ client, path }: RemotePlace, signal: AbortSignal): Promise<boolean> {
  try {
    return (await client.stat(path, { signal })).type === 'directory'
  } catch (error) {
    if (error instanceof FtpError && error.code === 'not-found') return false
    throw error
  }
}

/** A default that can't be read belongs to no server; it is refused only if a relative path needs it. */
function isDefault(defaultUrl: string, server: RemoteUrl): boolean {
  try {
    return isSameServer(readServerAddress(defaultUrl).server, server)
  } catch {
    return false
  }
}
