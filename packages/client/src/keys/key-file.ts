import { Buffer } from 'node:buffer'
import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKeyInput,
  type KeyObject,
  type PrivateKeyInput,
  sign,
} from 'node:crypto'
import { encodeSshStrings, ProtocolError, parseAuthorizedKey, SshPublicKey } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import { OpenSshKeyFile } from './openssh-key-file.js'
import type { SshKey } from './ssh-key.js'

/** What is in the file of a key. */
export type KeyFile =
  | { readonly type: 'public'; readonly publicKey: Uint8Array }
  | {
      readonly type: 'private'
      /** Undefined if it can't be told without the passphrase. */
      readonly publicKey: Uint8Array | undefined
      readonly isEncrypted: boolean
      /** Throws `login-failed` if the passphrase is wrong, and `usage` if it is missing or the key can't be used. */
      unlock(passphrase?: string): Promise<SshKey>
    }

/**
 * Reads a private key, as `ssh-keygen` and `openssl` write it, or a public key such as `id_ed25519.pub`. `name` is what
 * messages call it. Throws `usage` if it is no key that can log in.
 */
export function parseKeyFile(content: string, name: string): KeyFile {
  return naming(name, () => {
    const [, label = ''] = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----/.exec(content) ?? []
    if (label === 'OPENSSH PRIVATE KEY') return openSshFile(content, name)
    if (label !== '') return pemFile(content, name)
    return { type: 'public', publicKey: parseAuthorizedKey(content).key.bytes }
  })
}

function openSshFile(content: string, name: string): KeyFile {
  const file = new OpenSshKeyFile(content)
  // A key of a kind that can't log in is refused before anybody types its passphrase.
  const publicKey = new SshPublicKey(file.publicKey)
  return {
    type: 'private',
    publicKey: publicKey.bytes,
    isEncrypted: file.isEncrypted,
    async unlock(passphrase) {
      if (file.isEncrypted && passphrase === undefined) throw noPassphrase(name)
      const key = await file.decrypt(passphrase ?? '').catch((cause: unknown) => {
        throw unusable(name, cause)
      })
      if (key === undefined) throw wrongPassphrase(name)
      return naming(name, () => toSshKey(readKey({ key, format: 'jwk' }), name))
    },
  }
}

/** The older formats, which Node reads by itself. */
function pemFile(content: string, name: string): KeyFile {
  const isEncrypted = /ENCRYPTED/.test(content)
  const read = (passphrase = '') =>
    naming(name, () => toSshKey(readKey({ key: content, format: 'pem', passphrase }), name))
  return {
    type: 'private',
    publicKey: isEncrypted ? undefined : read().publicKey,
    isEncrypted,
    async unlock(passphrase) {
      if (isEncrypted && passphrase === undefined) throw noPassphrase(name)
      try {
        return read(passphrase)
      } catch (error) {
        if (isEncrypted && error instanceof FtpError && error.cause instanceof UnreadableKey) {
          throw wrongPassphrase(name)
        }
        throw error
      }
    },
  }
}

/** Node could not read it: it is damaged, or the passphrase is wrong. */
class UnreadableKey extends ProtocolError {}

function readKey(input: PrivateKeyInput | JsonWebKeyInput): KeyObject {
  try {
    return createPrivateKey(input)
  } catch (cause) {
    throw new UnreadableKey('bad-request', 'it is damaged, or not a private key', { cause })
  }
}

/** Throws `unsupported` for a key that can't log in. */
function toSshKey(key: KeyObject, name: string): SshKey {
  const publicKey = new SshPublicKey(sshBytesOf(key))
  const isRsa = publicKey.type === 'ssh-rsa'
  return {
    publicKey: publicKey.bytes,
    comment: name,
    async sign(data) {
      return encodeSshStrings(
        isRsa ? 'rsa-sha2-512' : publicKey.type,
        sign(isRsa ? 'sha512' : null, data, key),
      )
    },
  }
}

function sshBytesOf(key: KeyObject): Uint8Array {
  const type = key.asymmetricKeyType
  // This comes first because Node can't export keys of every type.
  if (type !== 'rsa' && type !== 'ed25519') {
    throw new ProtocolError(
      'unsupported',
      `the key is ${type?.toUpperCase()}, which is not supported; use Ed25519 or RSA`,
    )
  }
  const { x = '', n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' })
  if (type === 'rsa') return encodeSshStrings('ssh-rsa', integer(e), integer(n))
  return encodeSshStrings('ssh-ed25519', Buffer.from(x, 'base64url'))
}

/** SSH takes a number whose first bit is set for a negative one. */
function integer(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url')
  return Number(bytes[0]) < 128 ? bytes : Buffer.concat([Buffer.alloc(1), bytes])
}

function naming<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw unusable(name, cause)
  }
}

function unusable(name: string, cause: unknown): unknown {
  if (!(cause instanceof ProtocolError)) return cause
  return new FtpError('usage', `the key ${name} can't be used: ${cause.message}`, { cause })
}

function wrongPassphrase(name: string): FtpError {
  return new FtpError('login-failed', `the passphrase of the key ${name} is wrong`)
}

function noPassphrase(name: string): FtpError {
  return new FtpError('usage', `the key ${name} is encrypted, so its passphrase is needed`)
}
