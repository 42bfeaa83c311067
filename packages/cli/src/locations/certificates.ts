import { join } from 'node:path'
import { type FtpError, formatHostAndPort, type RemoteUrl } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { Settings } from '../settings/settings.js'
import { readSmallFile } from '../small-file.js'
import { stateFolder } from '../user-folders.js'
import type { TerminalTurns } from './terminal-turns.js'

type CertificateSettings = Pick<Settings, 'pin' | 'ca' | 'input' | 'assumesYes'>

/** What is told to `connect`. */
export interface ConnectTrust {
  readonly pin?: string | undefined
  readonly ca?: string | undefined
  readonly knownHosts?: string | undefined
}

/** Which certificates of servers are accepted: those the settings name, and those that a person has accepted. */
export class Certificates {
  readonly #terminal: TerminalTurns
  /** `$XDG_STATE_HOME/jftp/known_hosts`. */
  readonly #knownHosts: string

  constructor(terminal: TerminalTurns, env: NodeJS.ProcessEnv) {
    this.#terminal = terminal
    this.#knownHosts = join(stateFolder(env), 'known_hosts')
  }

  /** Throws the error of the file with the authorities. */
  async find({ scheme }: RemoteUrl, { pin, ca }: CertificateSettings): Promise<ConnectTrust> {
    if (scheme === 'jftp') return { pin, ca }
    const authorities = ca === undefined ? undefined : (await readSmallFile(ca)).toString()
    return { pin, ca: authorities, knownHosts: this.#knownHosts }
  }

  /** Whether an unknown certificate may be accepted, so that the connection has to be made before anything else. */
  async mayAccept(server: RemoteUrl, { pin, ca, input, assumesYes }: CertificateSettings): Promise<boolean> {
    if (server.scheme === 'jftp' || pin !== undefined || ca !== undefined) return false
    if (input === 'never-ask' && !assumesYes) return false
    const { readKnownHosts } = await import('@jftp/client')
    return readKnownHosts(this.#knownHosts, formatHostAndPort(server)).length === 0
  }

  /** Asks whether the unknown certificate is accepted. Throws `unknown` if it is not. */
  async ask(server: RemoteUrl, unknown: FtpError, signal: AbortSignal): Promise<void> {
    const { askYesNo } = await import('./yes-no-prompt.js')
    const address = formatHostAndPort(server)
    const question = [
      `Nobody has vouched for the certificate of ${printable(address)} yet. Its fingerprint is`,
      `  ${unknown.fingerprint}`,
      'which is what "ftpd fingerprint" prints on the server. Accept it from now on? (yes/no) ',
    ].join('\n')
    const isAccepted = await this.#terminal.take(() => askYesNo(question, signal))
    if (!isAccepted) throw unknown
  }

  /** Accepts the unknown certificate from now on. Resolves with a line that says so. */
  async remember(server: RemoteUrl, unknown: FtpError): Promise<string> {
    const { fingerprint } = unknown
    if (fingerprint === undefined) throw unknown
    const { rememberHost } = await import('@jftp/client')
    const address = formatHostAndPort(server)
    rememberHost(this.#knownHosts, address, fingerprint)
    return `accepted the certificate of ${printable(address)}, which was not known: ${fingerprint} is now in ${printable(this.#knownHosts)}`
  }
}
