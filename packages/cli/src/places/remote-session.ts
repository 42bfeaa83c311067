import {
  type FtpClient,
  FtpError,
  formatPlace,
  formatRemoteUrl,
  parseRemoteUrl,
  type RemoteUrl,
} from '@jftp/client'
import { normalizeRemotePath, printable } from '@jftp/protocol'
import type { Settings } from '../settings/settings.js'

type State =
  | { readonly type: 'none' }
  /** A server is known and not talked to yet, or no more. */
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
  /** What to do where no server is known. */
  readonly hint: string
  /** Told when a connection was lost and opened again. */
  readonly onReopened?: (message: string) => void
}

/**
 * The remote side of a shell or of one command: which server, a connection made when first needed
 * and made again when it died, and the current folder (which the server knows nothing of).
 */
export class RemoteSession {
  readonly #options: RemoteSessionOptions
  #state: State = { type: 'none' }
  #connecting: Promise<{ client: FtpClient; cwd: string }> | undefined
  #previous: string | undefined
  #settings: Pick<Settings, 'user' | 'timeout'> = { user: undefined, timeout: undefined }

  constructor(options: RemoteSessionOptions) {
    this.#options = options
  }

  /** How connections are made from now on. */
  configure(settings: Pick<Settings, 'user' | 'timeout'>): void {
    this.#settings = settings
  }

  /** Sets the server and current folder without talking to it: the first use connects. */
  expect(url: string): void {
    const server = parseRemoteUrl(url)
    const cwd = hasPath(url) ? normalizeRemotePath(server.path) : undefined
    this.#state = { type: 'disconnected', server, cwd }
  }

  /** Connects to a URL and goes to its folder; keeps what there was if that fails. */
  async open(url: string, signal: AbortSignal): Promise<void> {
    const server = parseRemoteUrl(url)
    const client = await this.#connect(server, signal, 'connect')
    let cwd = client.home
    try {
      if (hasPath(url)) {
        cwd = normalizeRemotePath(server.path)
        await requireFolder(client, cwd, signal)
      }
    } catch (error) {
      await client.close()
      throw error
    }
    await this.close()
    this.#become(server, client, cwd)
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#state = { type: 'none' }
    this.#previous = undefined
    if (state.type === 'connected') await state.client.close()
  }

  /** `host:/cwd`, printable; undefined where no server is known. */
  get label(): string | undefined {
    const state = this.#state
    if (state.type === 'none') return undefined
    return printable(`${formatPlace(state.server)}:${state.cwd ?? '/'}`)
  }

  /** The same place as `resolve` gives, or undefined where that would need a connection first. */
  locate(text: string): RemotePlace | undefined {
    if (this.#state.type !== 'connected') return undefined
    const { client, cwd } = this.#state
    try {
      return { client, path: normalizeRemotePath(text, cwd), isFolder: isWrittenAsFolder(text) }
    } catch {
      return undefined
    }
  }

  /** A path or URL as typed; connects where that is still to be done. */
  async resolve(text: string, signal: AbortSignal): Promise<RemotePlace> {
    if (!isRemoteUrl(text)) {
      const { client, cwd } = await this.connected(signal)
      return { client, path: normalizeRemotePath(text, cwd), isFolder: isWrittenAsFolder(text) }
    }
    const url = parseRemoteUrl(text)
    // With a path of its own, the URL needs no home folder to be known first.
    if (this.#state.type === 'none') {
      this.#state = { type: 'disconnected', server: url, cwd: hasPath(text) ? '/' : undefined }
    } else this.#requireSame(url, text)
    const { client, cwd } = await this.connected(signal)
    return {
      client,
      path: hasPath(text) ? normalizeRemotePath(url.path) : cwd,
      isFolder: isWrittenAsFolder(url.path),
    }
  }

  /** The connection and the current folder; connects, or connects again, where needed. */
  async connected(signal: AbortSignal): Promise<{ client: FtpClient; cwd: string }> {
    const state = this.#state
    if (state.type === 'connected') return state
    if (state.type === 'none') throw new FtpError('usage', `no server to talk to; ${this.#options.hint}`)
    // Who asks while another's connection is being made gets that one.
    this.#connecting ??= this.#reconnect(state, signal).finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #reconnect(
    { server, cwd: wanted, reason }: Extract<State, { type: 'disconnected' }>,
    signal: AbortSignal,
  ): Promise<{ client: FtpClient; cwd: string }> {
    // Where nothing has to be known of the server, what is asked of it leaves together with the login.
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

  /** Goes to a folder that exists; `-` is where it was before, nothing the home folder. */
  async changeFolder(text: string | undefined, signal: AbortSignal): Promise<void> {
    if (text === '-' && this.#previous === undefined) {
      throw new FtpError('usage', 'there was no folder before this one')
    }
    const target = text === '-' ? this.#previous : text
    const place = target === undefined ? undefined : await this.resolve(target, signal)
    const { client, cwd } = await this.connected(signal)
    const path = place?.path ?? client.home
    await requireFolder(client, path, signal)
    this.#previous = cwd
    if (this.#state.type === 'connected') this.#state = { ...this.#state, cwd: path }
  }

  async #connect(server: RemoteUrl, signal: AbortSignal, how: 'connect' | 'open'): Promise<FtpClient> {
    const library = await import('@jftp/client')
    const { user, timeout } = this.#settings
    const url = formatRemoteUrl({ ...server, path: '' })
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

  #requireSame(url: RemoteUrl, text: string): void {
    const state = this.#state
    if (state.type === 'none') return
    const { host, port, user } = state.server
    if (url.host === host && url.port === port && (url.user ?? user) === user) return
    throw new FtpError(
      'usage',
      `another server than ${formatPlace(state.server)}; one command talks to one server`,
      {
        path: text,
      },
    )
  }
}

/** Whether text is a place on a server by itself. */
export function isRemoteUrl(text: string): boolean {
  return /^jftps?:\/\//i.test(text)
}

/** Throws unless that folder is there. */
export async function requireFolder(client: FtpClient, path: string, signal: AbortSignal): Promise<void> {
  if (path === '/') return
  const { type } = await client.stat(path, { signal })
  if (type !== 'directory') throw new FtpError('not-a-directory', 'not a folder', { path })
}

function hasPath(url: string): boolean {
  return /^[a-z]+:\/\/[^/]*\//i.test(url)
}

function isWrittenAsFolder(text: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(text)
}
