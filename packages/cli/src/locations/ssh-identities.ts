import { FtpError, type KeyFile, type SshKey } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { Settings } from '../settings/settings.js'
import { readSmallFile } from '../small-file.js'
import type { TerminalTurns } from './terminal-turns.js'

/** How often a passphrase may be mistyped. */
const MAX_ATTEMPTS = 3

/** The SSH keys of whoever runs this: in files, and in the agent. Those that were unlocked stay so in this process. */
export class SshIdentities {
  readonly #terminal: TerminalTurns
  /** `$SSH_AUTH_SOCK`. */
  readonly #agent: string | undefined
  readonly #unlocked = new Map<string, SshKey>()

  constructor(terminal: TerminalTurns, env: NodeJS.ProcessEnv) {
    this.#terminal = terminal
    this.#agent = env['SSH_AUTH_SOCK'] || undefined
  }

  /**
   * The key in a file. The agent signs for it if it has it and the file is a public key or encrypted; else the passphrase
   * is asked for. Throws `usage` if it is no key, `login-failed` if it can't be unlocked, or the error of the file.
   */
  async ofFile(path: string, input: Settings['input'], signal: AbortSignal): Promise<SshKey> {
    const known = this.#unlocked.get(path)
    if (known !== undefined) return known
    const { parseKeyFile } = await import('@jftp/client')
    const content = await readSmallFile(path, { signal })
    const file = parseKeyFile(content.toString(), printable(path))
    const key = await this.#unlock(file, path, input, signal)
    this.#unlocked.set(path, key)
    return key
  }

  /** The keys of the agent. None if there is no agent, or it does not answer. */
  async ofAgent(): Promise<SshKey[]> {
    try {
      return await this.#askAgent()
    } catch (error) {
      if (error instanceof FtpError) return []
      throw error
    }
  }

  async #unlock(file: KeyFile, path: string, input: Settings['input'], signal: AbortSignal): Promise<SshKey> {
    if (file.type === 'public') return await this.#ofAgentOnly(file.publicKey, path)
    if (!file.isEncrypted) return await file.unlock()
    const { publicKey } = file
    const inAgent = publicKey && findKey(await this.ofAgent(), publicKey)
    return inAgent ?? (await this.#askPassphrase(file, path, input, signal))
  }

  async #ofAgentOnly(publicKey: Uint8Array, path: string): Promise<SshKey> {
    const key = findKey(await this.#askAgent(), publicKey)
    if (key !== undefined) return key
    const why = this.#agent === undefined ? 'there is none ($SSH_AUTH_SOCK)' : 'does not have it; run ssh-add'
    throw new FtpError(
      'login-failed',
      `${printable(path)} is a public key, so ssh-agent has to sign, and ${why}; or name the private key`,
    )
  }

  async #askAgent(): Promise<SshKey[]> {
    if (this.#agent === undefined) return []
    const { listAgentKeys } = await import('@jftp/client')
    return await listAgentKeys(this.#agent)
  }

  async #askPassphrase(
    file: Extract<KeyFile, { type: 'private' }>,
    path: string,
    input: Settings['input'],
    signal: AbortSignal,
  ): Promise<SshKey> {
    if (input === 'never-ask') throw isLocked(path, '--no-input forbids to ask for its passphrase')
    const { askSecret } = await import('./secret-prompt.js')
    for (let attempts = 1; ; attempts++) {
      const question = `Passphrase for the key ${printable(path)}: `
      const passphrase = await this.#terminal.take(() => askSecret(question, signal))
      if (passphrase === undefined) throw isLocked(path, 'there is no terminal to ask for its passphrase')
      try {
        return await file.unlock(passphrase)
      } catch (error) {
        const isWrong = error instanceof FtpError && error.code === 'login-failed'
        if (!isWrong || attempts === MAX_ATTEMPTS) throw error
      }
    }
  }
}

function findKey(keys: readonly SshKey[], publicKey: Uint8Array): SshKey | undefined {
  return keys.find((key) => Buffer.compare(key.publicKey, publicKey) === 0)
}

function isLocked(path: string, why: string): FtpError {
  return new FtpError(
    'login-failed',
    `the key ${printable(path)} is encrypted, and ${why}; add it to ssh-agent (ssh-add ${printable(path)}), or use a token`,
  )
}
