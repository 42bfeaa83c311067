import { text } from 'node:stream/consumers'
import { FtpError, formatServer, type RemoteUrl, requireSecrecy, type SshKey } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { CredentialSettings } from '../settings/credential-settings.js'
import type { Settings } from '../settings/settings.js'
import { readSmallFile } from '../small-file.js'
import type { Netrc, NetrcEntry } from './netrc.js'
import { isSameServer, type NamedServer, readServerAddress } from './server-address.js'
import type { SshIdentities } from './ssh-identities.js'
import type { TerminalTurns } from './terminal-turns.js'

/** What is told to `connect`. */
export interface ConnectCredentials {
  /** The name beside the password, if that was found without a name. */
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  readonly keys?: readonly SshKey[] | undefined
}

/**
 * `typed` if a person has just typed it, and may have made a mistake; `agent` if these are the keys of ssh-agent, and
 * nobody knows whether the server has one of them.
 */
export interface FoundCredentials {
  readonly credentials: ConnectCredentials
  readonly origin: 'given' | 'typed' | 'agent'
}

/** Finds the credentials for a user, and remembers for this process what was typed or read from stdin. */
export class Credentials {
  readonly #terminal: TerminalTurns
  readonly #identities: SshIdentities
  readonly #netrc: Netrc
  readonly #typed = new Map<string, string>()
  /** Where the server has taken none of the keys of ssh-agent, and what it said. */
  readonly #agentRefusals = new Map<string, string>()
  #stdin: Promise<string> | undefined

  constructor(terminal: TerminalTurns, identities: SshIdentities, netrc: Netrc) {
    this.#terminal = terminal
    this.#identities = identities
    this.#netrc = netrc
  }

  /** Throws `usage`, `login-failed` if nothing is given and nobody can be asked, or the error of a file. */
  async find(
    { credentials: settings, input }: Pick<Settings, 'credentials' | 'input'>,
    server: NamedServer,
    user: string | undefined,
    signal: AbortSignal,
  ): Promise<FoundCredentials> {
    if (settings.type === 'for-server') {
      const isMeant = isSameServer(
        { ...server, ...(user === undefined ? {} : { user }) },
        readServerAddress(settings.url).server,
      )
      // Then the user names that server as well, beside the secret.
      if (isMeant) server = { ...server, fromProject: undefined }
      const credentials = isMeant ? settings.credentials : settings.otherwise
      return this.find({ credentials, input }, server, user, signal)
    }
    if (settings.type === 'token-file') {
      requireNamed(server, settings)
      return { credentials: { token: await readSecretFile(settings, signal) }, origin: 'given' }
    }
    if (user === undefined || user === 'anonymous') return this.#withoutUser(settings, server, user)
    const typed = this.#typed.get(keyOf(server, user))
    if (typed !== undefined) return given(typed)
    requireNamed(server, settings)
    switch (settings.type) {
      case 'token':
        return { credentials: { token: settings.token }, origin: 'given' }
      case 'password':
        return given(settings.password)
      case 'password-file':
        return given(await readSecretFile(settings, signal))
      case 'password-stdin':
        this.#stdin ??= text(process.stdin)
        return given(secretOf(await this.#stdin, 'stdin'))
      case 'key-file': {
        // Nobody types a passphrase for nothing.
        requireSecrecy(server)
        return {
          credentials: { keys: [await this.#identities.ofFile(settings.path, input, signal)] },
          origin: 'given',
        }
      }
      case 'none':
        return this.#findElsewhere(input, server, user, signal)
    }
  }

  /** The server has taken none of the keys of ssh-agent, so they are not tried there again. */
  noteAgentRefusal(server: RemoteUrl, user: string, { message }: FtpError): void {
    this.#agentRefusals.set(keyOf(server, user), message)
  }

  /** The server has taken what was typed. */
  remember(server: RemoteUrl, user: string, { password }: ConnectCredentials): void {
    if (password !== undefined) this.#typed.set(keyOf(server, user), password)
  }

  async #findElsewhere(
    input: Settings['input'],
    server: RemoteUrl,
    user: string,
    signal: AbortSignal,
  ): Promise<FoundCredentials> {
    const entry = await this.#netrcEntry(server, user)
    if (entry !== undefined) return given(entry.password)
    const keys = await this.#agentKeys(server, user)
    if (keys.length > 0) return { credentials: { keys }, origin: 'agent' }
    if (input === 'never-ask') throw this.#nothingGiven(server, user, '--no-input forbids to ask for it')
    return { credentials: { password: await this.#ask(server, user, signal) }, origin: 'typed' }
  }

  /** Without a user the netrc file may name one. A visitor who says to be anonymous is. */
  async #withoutUser(
    settings: CredentialSettings,
    server: RemoteUrl,
    user: string | undefined,
  ): Promise<FoundCredentials> {
    // A variable may be set for other servers, but a flag is meant for this one.
    if (settings.type === 'password-stdin') throw noUser('--password-stdin')
    if (settings.type === 'password-file' && settings.from === '--password-file') throw noUser(settings.from)
    if (settings.type === 'key-file' && settings.from === '--key') throw noUser(settings.from)
    const mayBeNamed = user === undefined && settings.type === 'none'
    const entry = mayBeNamed ? await this.#netrcEntry(server, undefined) : undefined
    const credentials = entry === undefined ? {} : { user: entry.login, password: entry.password }
    return { credentials, origin: 'given' }
  }

  /** A server that a password can't be sent to has no entry. */
  async #netrcEntry(server: RemoteUrl, user: string | undefined): Promise<NetrcEntry | undefined> {
    return isSecret(server) ? this.#netrc.find(server.host, user) : undefined
  }

  async #agentKeys(server: RemoteUrl, user: string): Promise<SshKey[]> {
    if (!isSecret(server) || this.#agentRefusals.has(keyOf(server, user))) return []
    return await this.#identities.ofAgent()
  }

  async #ask(server: RemoteUrl, user: string, signal: AbortSignal): Promise<string> {
    // Nobody types a password that can't be sent.
    requireSecrecy(server)
    const { askSecret } = await import('./secret-prompt.js')
    const question = `Password for ${printable(`${user}@${formatServer(server)}`)}: `
    const secret = await this.#terminal.take(() => askSecret(question, signal))
    if (secret === undefined) throw this.#nothingGiven(server, user, 'there is no terminal to ask for it')
    return secretOf(secret, 'the terminal')
  }

  #nothingGiven(server: RemoteUrl, user: string, why: string): FtpError {
    const who = printable(`${user}@${formatServer(server)}`)
    const refusal = this.#agentRefusals.get(keyOf(server, user))
    const tried = refusal === undefined ? '' : `; the keys of ssh-agent did not do: ${printable(refusal)}`
    return new FtpError(
      'login-failed',
      `no password for ${who}, and ${why}; give it by $FTP_PASSWORD_FILE, $FTP_PASSWORD, --password-file or --password-stdin, a token by $FTP_TOKEN or --token-file, or an SSH key by $FTP_KEY, --key or ssh-agent${tried}`,
    )
  }
}

/** Whether nobody else can read what is sent to a server. */
function isSecret(server: RemoteUrl): boolean {
  try {
    requireSecrecy(server)
    return true
  } catch {
    return false
  }
}

/** Throws `usage` if only the file of a project names the server: whoever has written that file could be given the secret. */
function requireNamed({ fromProject, ...server }: NamedServer, secret: CredentialSettings): void {
  const name = nameOfSecret(secret)
  if (fromProject === undefined || name === undefined) return
  const host = printable(formatServer(server))
  throw new FtpError(
    'usage',
    `${name} is not sent to ${host}, because only ${fromProject} names that server; name it on the command line, by $FTP_URL or in config.toml`,
  )
}

/** What was given to be sent to a server. Undefined for what is never sent, or is not given. */
function nameOfSecret(settings: CredentialSettings): string | undefined {
  switch (settings.type) {
    case 'token':
      return '$FTP_TOKEN'
    case 'password':
      return '$FTP_PASSWORD'
    case 'password-stdin':
      return '--password-stdin'
    case 'token-file':
    case 'password-file':
      return settings.from
    default:
      return undefined
  }
}

function given(password: string): FoundCredentials {
  return { credentials: { password }, origin: 'given' }
}

/** What was typed for a connection with TLS is never sent over one without. */
function keyOf({ scheme, host, port }: RemoteUrl, user: string): string {
  return `${scheme}://${user}@${host}:${port}`
}

async function readSecretFile(
  { path, from }: { readonly path: string; readonly from: string },
  signal: AbortSignal,
): Promise<string> {
  const content = await readSmallFile(path, { signal })
  return secretOf(content.toString(), `${from} ${path}`)
}

/** The first line: the line feed that an editor or `echo` puts at the end is not part of a secret. */
function secretOf(content: string, from: string): string {
  const secret = content.replace(/\r?\n[\s\S]*$/, '')
  if (secret === '') throw new FtpError('usage', `what ${from} holds is empty`)
  return secret
}

function noUser(flag: string): FtpError {
  return new FtpError('usage', `${flag} is for a user: name one with -u, or as jftp://NAME@host/`)
}
