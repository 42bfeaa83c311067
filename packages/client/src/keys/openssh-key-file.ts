import { Buffer } from 'node:buffer'
import { createDecipheriv, type JsonWebKey } from 'node:crypto'
import { ProtocolError, SshReader } from '@jftp/protocol'

const MAGIC = 'openssh-key-v1\0'

interface Cipher {
  /** What Node calls it. */
  readonly name: string
  /** Bytes of the key. */
  readonly key: number
  /** Bytes of the initial vector. */
  readonly iv: number
}

/** Ciphers that ssh-keygen can choose (`-Z`). */
const CIPHERS: Readonly<Record<string, Cipher>> = {
  'aes128-ctr': { name: 'aes-128-ctr', key: 16, iv: 16 },
  'aes192-ctr': { name: 'aes-192-ctr', key: 24, iv: 16 },
  'aes256-ctr': { name: 'aes-256-ctr', key: 32, iv: 16 },
  'aes128-cbc': { name: 'aes-128-cbc', key: 16, iv: 16 },
  'aes192-cbc': { name: 'aes-192-cbc', key: 24, iv: 16 },
  'aes256-cbc': { name: 'aes-256-cbc', key: 32, iv: 16 },
}

/** A round takes about 20 ms. Nobody waits for more of them than this. */
const MAX_ROUNDS = 2_000

/** A private key in OpenSSH's own format, as its PROTOCOL.key describes it. */
export class OpenSshKeyFile {
  /** As SSH sends it. It is not encrypted. */
  readonly publicKey: Buffer
  /** Undefined if the file is not encrypted. */
  readonly #cipher: Cipher | undefined
  readonly #options: Buffer
  readonly #secret: Buffer

  /** Throws `bad-request` if it is no such file, and `unsupported` for a cipher that is not known. */
  constructor(pem: string) {
    const [, base64 = ''] = /-----BEGIN [A-Z ]*-----([\s\S]*?)-----END/.exec(pem) ?? []
    const reader = new SshReader(Buffer.from(base64, 'base64'))
    if (reader.bytes(MAGIC.length).toString('latin1') !== MAGIC) throw malformed()
    const cipher = reader.text()
    const derivation = reader.text()
    this.#options = reader.string()
    if (reader.uint32() !== 1) throw malformed()
    this.publicKey = reader.string()
    this.#secret = reader.string()
    this.#cipher = cipher === 'none' ? undefined : supportedCipher(cipher, derivation)
  }

  get isEncrypted(): boolean {
    return this.#cipher !== undefined
  }

  /** The private key. Undefined if the passphrase is wrong. It blocks the event loop, for about half a second. */
  async decrypt(passphrase: string): Promise<JsonWebKey | undefined> {
    const reader = new SshReader(
      this.#cipher === undefined ? this.#secret : await this.#decipher(this.#cipher, passphrase),
    )
    const [check, same] = [reader.uint32(), reader.uint32()]
    if (check !== same) {
      if (this.isEncrypted) return undefined
      throw malformed()
    }
    return reader.text() === 'ssh-rsa' ? readRsa(reader) : readEd25519(reader)
  }

  async #decipher({ name, key, iv }: Cipher, passphrase: string): Promise<Buffer> {
    const options = new SshReader(this.#options)
    const [salt, rounds] = [options.string(), options.uint32()]
    if (rounds < 1 || rounds > MAX_ROUNDS) throw malformed()
    // Most keys are not encrypted, or an agent has them.
    const { default: bcrypt } = await import('bcrypt-pbkdf')
    const typed = Buffer.from(passphrase)
    const derived = Buffer.alloc(key + iv)
    // It takes no empty passphrase, and no key has one.
    if (bcrypt.pbkdf(typed, typed.length, salt, salt.length, derived, derived.length, rounds) !== 0) {
      return Buffer.from([0, 0, 0, 0, 0, 0, 0, 1])
    }
    const decipher = createDecipheriv(name, derived.subarray(0, key), derived.subarray(key))
    decipher.setAutoPadding(false)
    try {
      return Buffer.concat([decipher.update(this.#secret), decipher.final()])
    } catch (cause) {
      throw new ProtocolError('bad-request', 'it is damaged', { cause })
    }
  }
}

/** Throws `unsupported`. */
function supportedCipher(name: string, derivation: string): Cipher {
  // A stranger may have chosen the name, and every object has properties such as `constructor`.
  const cipher = Object.hasOwn(CIPHERS, name) ? CIPHERS[name] : undefined
  if (cipher !== undefined && derivation === 'bcrypt') return cipher
  throw new ProtocolError(
    'unsupported',
    `it is encrypted with ${name} (${derivation}), which is not supported; encrypt it anew (ssh-keygen -p -Z aes256-ctr), or add it to ssh-agent`,
  )
}

function readEd25519(reader: SshReader): JsonWebKey {
  const x = reader.string()
  // The private half comes first in it, and the public one follows.
  const d = reader.string().subarray(0, 32)
  return { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url'), d: d.toString('base64url') }
}

function readRsa(reader: SshReader): JsonWebKey {
  const n = reader.integer()
  const e = reader.integer()
  const d = reader.integer()
  const qi = reader.integer()
  const p = reader.integer()
  const q = reader.integer()
  const parts = { n, e, d, p, q, dp: remainder(d, p), dq: remainder(d, q), qi }
  const encoded = Object.entries(parts).map(([name, bytes]) => [name, bytes.toString('base64url')])
  return { kty: 'RSA', ...Object.fromEntries(encoded) } as JsonWebKey
}

/** `d` mod `prime` − 1, which the format leaves out. */
function remainder(d: Buffer, prime: Buffer): Buffer {
  const [value, modulus] = [toNumber(d), toNumber(prime) - 1n]
  if (modulus <= 0n) throw malformed()
  return Buffer.from((value % modulus).toString(16).padStart(prime.length * 2, '0'), 'hex')
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x0${bytes.toString('hex')}`)
}

function malformed(): ProtocolError {
  return new ProtocolError('bad-request', 'it is damaged')
}
