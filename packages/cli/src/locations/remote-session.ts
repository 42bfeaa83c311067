import { posix } from 'node:path'
import {
  type FtpClient,
  FtpError,
  type FtpErrorCode,
  formatRemoteUrl,
  formatServer,
  type RemoteUrl,
} from '@jftp/client'
import { normalizeRemotePath, printable } from '@jftp/protocol'
import type { Bookmarks } from './bookmarks.js'
import type { Certificates } from './certificates.js'
import type { ConnectionSettings } from './connector.js'
import type { Credentials } from './credentials.js'
import { isRemoteUrl, isSameServer, isWrittenAsFolder, readServerAddress } from './server-address.js'
import { type OpenConnection, requireFolder, ServerConnection } from './server-connection.js'
import { isServerOf, readSettingUrl, type SettingUrl } from './setting-url.js'

/** A remote path as a command needs it. */
export interface RemoteLocation {
  readonly client: FtpClient
  /** Absolute and normal. */
  readonly path: string
  /** Whether it was written so that it can't be a file: `x/`, `.`, `..`. */
  readonly isFolder: boolean
}

export interface RemoteSessionOptions {
  /** What the user can do if no server is known. */
  readonly hint: string
  /** Called with a line for the user: about a connection that was lost, a retry, a login or a certificate. */
  readonly onNews: (message: string) => void
  readonly credentials: Credentials
  readonly certificates: Certificates
  readonly bookmarks: Bookmarks
}

/** The remote side of a shell, a batch or one command: what its paths and URLs mean. */
export class RemoteSession {
  readonly #hint: string
  readonly #credentials: Credentials
  readonly #certificates: Certificates
  readonly #bookmarks: Bookmarks
  readonly #connection: ServerConnection
  #previousFolder: string | undefined
  /** The URL that the settings of a single command have: the server of relative paths. */
  #default: SettingUrl | undefined

  constructor({ hint, onNews, credentials, certificates, bookmarks }: RemoteSessionOptions) {
    this.#hint = hint
    this.#credentials = credentials
    this.#certificates = certificates
    this.#bookmarks = bookmarks
    this.#connection = new ServerConnection(onNews, credentials, certificates)
  }

  /** Another session in the same folder of the same server, with a connection of its own that is made when needed. */
  fork(onNews: (message: string) => void): RemoteSession {
    const other = new RemoteSession({
      hint: this.#hint,
      onNews,
      credentials: this.#credentials,
      certificates: this.#certificates,
      bookmarks: this.#bookmarks,
    })
    const { server, cwd } = this.#connection
    if (server !== undefined) other.#connection.setServer(server, cwd)
    return other
  }

  beginCommand(settings: ConnectionSettings): void {
    this.#connection.beginCommand(settings)
  }

  /** What the current command waits for; undefined if it has not turned to the server. */
  get awaited(): string | undefined {
    return this.#connection.awaited
  }

  /** Sets the server and folder that relative paths belong to: a URL or a bookmark. It is read and connected to when it is needed. */
  async setDefault(setting: SettingUrl): Promise<void> {
    this.#default = setting.url === undefined ? undefined : await this.#lookUp(setting)
  }

  /** Connects to a server or a bookmark and goes to the folder named, or home. If that fails, the connection before stays. */
  async open(text: string, signal: AbortSignal): Promise<void> {
    await this.openSetting({ url: text, urlFromProject: undefined }, signal)
  }

  /** The same for the URL that the settings have. */
  async openSetting(setting: SettingUrl, signal: AbortSignal): Promise<void> {
    const { server, folder } = readSettingUrl(await this.#lookUp(setting))
    await this.#connection.open(server, folder, signal)
    this.#previousFolder = undefined
  }

  /** Logs in at the same server as another user, in that user's home. If that fails, the connection before stays. */
  async logIn(user: string, signal: AbortSignal): Promise<void> {
    const server = this.#connection.server ?? this.#defaultServer()
    if (server === undefined) throw new FtpError('usage', `no server to log in at; ${this.#hint}`)
    await this.#connection.open({ ...server, user }, undefined, signal)
    this.#previousFolder = undefined
  }

  async close(): Promise<void> {
    this.#previousFolder = undefined
    await this.#connection.close()
  }

  /** `host:/cwd`, printable; undefined if no server is known. */
  get label(): string | undefined {
    const { server, cwd = '/' } = this.#connection
    return server === undefined ? undefined : printable(`${formatServer(server)}:${cwd}`)
  }

  /** The current folder as a URL; undefined if no server is known. */
  get url(): string | undefined {
    const { server, cwd = '/' } = this.#connection
    return server === undefined ? undefined : formatRemoteUrl({ ...server, path: cwd })
  }

  /** Whether there is a folder that relative paths belong to. */
  get hasFolder(): boolean {
    return this.#connection.server !== undefined || this.#default !== undefined
  }

  /** The same as `resolve`, or undefined if that would have to connect first. */
  locate(text: string): RemoteLocation | undefined {
    const current = this.#connection.current
    if (current === undefined) return undefined
    try {
      const path = normalPath(text, current.cwd)
      return { client: current.client, path, isFolder: isWrittenAsFolder(text) }
    } catch {
      return undefined
    }
  }

  /** Reads a path or URL as typed, and connects if there is no connection yet. */
  async resolve(text: string, signal: AbortSignal): Promise<RemoteLocation> {
    const isFolder = isWrittenAsFolder(text)
    if (!isRemoteUrl(text)) {
      this.#requireDefault(text)
      const { client, cwd } = await this.connected(signal)
      return { client, path: normalPath(text, cwd), isFolder }
    }
    const { server, folder } = readServerAddress(text)
    this.#adopt(server, folder)
    const { client, cwd } = await this.connected(signal)
    return { client, path: folder ?? cwd, isFolder: isFolder || folder === undefined }
  }

  /** The connection and the current folder; connects, or connects again, if needed. */
  async connected(signal: AbortSignal): Promise<OpenConnection> {
    if (this.#connection.server === undefined && this.#default !== undefined) {
      const { server, folder } = readSettingUrl(this.#default)
      this.#connection.setServer(server, folder)
    }
    const connection = await this.#connection.connected(signal)
    if (connection === undefined) throw new FtpError('usage', `no server to talk to; ${this.#hint}`)
    return connection
  }

  /** Goes to a folder that exists: `-` is the one before, undefined the home folder. */
  async changeFolder(text: string | undefined, signal: AbortSignal): Promise<void> {
    if (text === '-' && this.#previousFolder === undefined) {
      throw new FtpError('usage', 'there was no folder before this one')
    }
    const target = text === '-' ? this.#previousFolder : text
    const location = target === undefined ? undefined : await this.resolve(target, signal)
    const { client, cwd } = await this.connected(signal)
    const path = location?.path ?? client.home
    await requireFolder(client, path, signal)
    this.#previousFolder = cwd
    this.#connection.setFolder(path)
  }

  #defaultServer(): RemoteUrl | undefined {
    return this.#default === undefined ? undefined : readSettingUrl(this.#default).server
  }

  /** A bookmark is the user's own, whoever names it. */
  async #lookUp({ url, urlFromProject }: SettingUrl): Promise<SettingUrl> {
    const found = await this.#bookmarks.resolve(url ?? '')
    return { url: found, urlFromProject: found === url ? urlFromProject : undefined }
  }

  /** Makes the server of a URL that was typed the one to talk to. It wins over the default one. */
  #adopt(server: RemoteUrl, folder: string | undefined): void {
    const current = this.#connection.server
    if (current === undefined) {
      if (this.#default !== undefined && isServerOf(this.#default, server)) {
        this.#default = { ...this.#default, urlFromProject: undefined }
        return
      }
      // A URL with a path of its own does not have to wait for the name of the home folder.
      this.#connection.setServer(server, folder === undefined ? undefined : '/')
    } else if (!isSameServer(current, server)) {
      const [one, other] = [current, server].map((each) => formatRemoteUrl({ ...each, path: '' }))
      throw new FtpError('usage', `a command can use one server only: ${one} and ${other} are different`)
    }
  }

  /** A relative path belongs to the default server, so it can't stand beside a URL of another one. */
  #requireDefault(path: string): void {
    const { server } = this.#connection
    if (server === undefined || this.#default === undefined || isServerOf(this.#default, server)) return
    throw new FtpError('usage', `'${path}' belongs to the server of --url or $FTP_URL; write it as a URL too`)
  }
}

/** A path as typed, made absolute. As in every shell, `..` in the root is the root; a server would refuse it. */
function normalPath(text: string, cwd: string): string {
  return normalizeRemotePath(text === '' ? text : posix.resolve(cwd, text), cwd)
}

/** Whether a remote path names a folder, or a link to one. */
export async function isRemoteFolder(
  { client, path }: RemoteLocation,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.checkFolder(path, { signal })
    return true
  } catch (error) {
    if (error instanceof FtpError && NO_FOLDER.includes(error.code)) return false
    throw error
  }
}

const NO_FOLDER: readonly FtpErrorCode[] = ['not-found', 'not-a-directory']
