import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { FtpError, formatServer, fromLocalError, type RemoteUrl, requireSecrecy } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { CredentialSettings } from '../settings/credential-settings.js'
import type { TerminalTurns } from './terminal-turns.js'

/** What is told to `connect`. */
export interface ConnectCredentials {
  readonly password?: string | undefined
  readonly token?: string | undefined
}

/** `typed` if a person has just typed it, and may have made a mistake. */
export interface FoundCredentials {
  readonly credentials: ConnectCredentials
  readonly origin: 'given' | 'typed'
}

/** Finds the credentials for a user, and remembers for this process what was typed or read from stdin. */
export class Credentials {
  readonly #terminal: TerminalTurns
  readonly #typed = new Map<string, string>()
  #stdin: Promise<string> | undefined

  constructor(terminal: TerminalTurns) {
    this.#terminal = terminal
  }

  /** Throws `usage`, `login-failed` if nothing is given and nobody can be asked, or the error of a file. */
  async find(
    settings: CredentialSettings,
    server: RemoteUrl,
    user: string | undefined,
    signal: AbortSignal,
  ): Promise<FoundCredentials> {
    if (settings.type === 'token-file') {
      return { credentials: { token: await readSecretFile(settings.path, '--token-file') }, origin: 'given' }
    }
    if (user === undefined || user === 'anonymous') return this.#withoutUser(settings)
    const typed = this.#typed.get(keyOf(server, user))
    if (typed !== undefined) return given(typed)
    switch (settings.type) {
      case 'token':
        return { credentials: { token: settings.token }, origin: 'given' }
      case 'password':
        return given(settings.password)
      case 'password-file':
        return given(await readSecretFile(settings.path, settings.from))
      case 'password-stdin':
        this.#stdin ??= text(process.stdin)
        return given(secretOf(await this.#stdin, 'stdin'))
      case 'never-ask':
        throw nothingGiven(server, user, '--no-input forbids to ask for it')
      case 'ask':
        return { credentials: { password: await this.#ask(server, user, signal) }, origin: 'typed' }
    }
  }

  /** The server has taken what was typed. */
  remember(server: RemoteUrl, user: string, { password }: ConnectCredentials): void {
    if (password !== undefined) this.#typed.set(keyOf(server, user), password)
  }

  #withoutUser(settings: CredentialSettings): FoundCredentials {
    // A variable may be set for other servers, but a flag is meant for this one.
    if (settings.type === 'password-stdin') throw noUser('--password-stdin')
    if (settings.type === 'password-file' && settings.from === '--password-file') throw noUser(settings.from)
    return { credentials: {}, origin: 'given' }
  }

  async #ask(server: RemoteUrl, user: string, signal: AbortSignal): Promise<string> {
    // Nobody types a password that can't be sent.
    requireSecrecy(server)
    const { askSecret } = await import('./secret-prompt.js')
    const question = `Password for ${printable(`${user}@${formatServer(server)}`)}: `
    const secret = await this.#terminal.take(() => askSecret(question, signal))
    if (secret === undefined) throw nothingGiven(server, user, 'there is no terminal to ask for it')
    return secretOf(secret, 'the terminal')
  }
}

function given(password: string): FoundCredentials {
  return { credentials: { password }, origin: 'given' }
}

/** What was typed for a connection with TLS is never sent over one without. */
function keyOf({ scheme, host, port }: RemoteUrl, user: string): string {
  return `${scheme}://${user}@${host}:${port}`
}

async function readSecretFile(path: string, from: string): Promise<string> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    throw fromLocalError(error, path)
  }
  return secretOf(content, `${from} ${path}`)
}

/** The first line: the line feed that an editor or `echo` puts at the end is not part of a secret. */
function secretOf(content: string, from: string): string {
  const secret = content.replace(/\r?\n[\s\S]*$/, '')
  if (secret === '') throw new FtpError('usage', `what ${from} holds is empty`)
  return secret
}

function noUser(flag: string): FtpError {
  return new FtpError('usage', `${flag} is the password of a user: name one with -u, or as jftp://NAME@host/`)
}

function nothingGiven(server: RemoteUrl, user: string, why: string): FtpError {
  const who = printable(`${user}@${formatServer(server)}`)
  return new FtpError(
    'login-failed',
    `no password for ${who}, and ${why}; give it by $FTP_PASSWORD_FILE, $FTP_PASSWORD, --password-file or --password-stdin, or a token by $FTP_TOKEN or --token-file`,
  )
}
