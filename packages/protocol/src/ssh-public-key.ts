import { Buffer } from 'node:buffer'
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { ProtocolError } from './protocol-error.js'
import { SshReader } from './ssh-wire.js'

export const SSH_KEY_TYPES = ['ssh-ed25519', 'ssh-rsa'] as const
export type SshKeyType = (typeof SSH_KEY_TYPES)[number]

/** Bits of an RSA key. Larger ones do not fit into a login, and are no better than Ed25519. */
const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 8192

/** Bytes of an RSA key's public exponent. Larger ones, which nobody uses, would make checking signatures slow. */
const MAX_RSA_EXPONENT = 4

/** The hash of each signature algorithm; SHA-1, which `ssh-rsa` means, is not among them. */
const SIGNATURES: Readonly<Record<string, { readonly type: SshKeyType; readonly hash: string | null }>> = {
  'ssh-ed25519': { type: 'ssh-ed25519', hash: null },
  'rsa-sha2-512': { type: 'ssh-rsa', hash: 'sha512' },
  'rsa-sha2-256': { type: 'ssh-rsa', hash: 'sha256' },
}

/** A public SSH key of a kind that may log in. */
export class SshPublicKey {
  readonly type: SshKeyType
  /** The key as SSH sends it. Equal keys have equal bytes. */
  readonly bytes: Buffer
  readonly #key: KeyObject

  /** Takes the bytes that SSH sends. Throws `unsupported` for a key of another kind, `bad-request` for what is no key. */
  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes)
    const reader = new SshReader(this.bytes)
    this.type = supportedType(reader.text())
    try {
      this.#key = createPublicKey({
        key: this.type === 'ssh-ed25519' ? readEd25519(reader) : readRsa(reader),
        format: 'jwk',
      })
    } catch (cause) {
      if (cause instanceof ProtocolError) throw cause
      throw new ProtocolError('bad-request', `it is no valid ${this.type} key`, { cause })
    }
    if (!reader.isAtEnd) throw new ProtocolError('bad-request', 'something follows it')
  }

  /** What `ssh-keygen -l` prints: `SHA256:` and the digest of the bytes in base64. */
  get fingerprint(): string {
    return `SHA256:${createHash('sha256').update(this.bytes).digest('base64').replace(/=+$/, '')}`
  }

  /** Whether that is a signature of the data by this key, in the form in which SSH sends signatures. */
  verifies(data: Uint8Array, signature: Uint8Array): boolean {
    try {
      const reader = new SshReader(signature)
      const { type, hash } = SIGNATURES[reader.text()] ?? {}
      const bytes = reader.string()
      if (type !== this.type || hash === undefined || !reader.isAtEnd) return false
      return verify(hash, data, this.#key, bytes)
    } catch {
      return false
    }
  }
}

/** A line of an `authorized_keys` or `.pub` file. */
export interface AuthorizedKey {
  readonly key: SshPublicKey
  readonly comment: string
}

/** Throws `unsupported` for a key that may not log in or has options, and `bad-request` for what is no such line. */
export function parseAuthorizedKey(line: string): AuthorizedKey {
  const [, type = '', base64 = '', comment = ''] = /^(\S+)[ \t]+(\S+)[ \t]*(.*)$/.exec(line.trim()) ?? []
  if (!isTypeName(type)) {
    if (/[ \t](?:ssh|ecdsa|sk)-\S+[ \t]+AAAA/.test(line)) {
      throw new ProtocolError(
        'unsupported',
        'it has options before the key, and none are supported; remove them, and say what the user may do by --allow and --home',
      )
    }
    throw new ProtocolError('bad-request', 'it is no public SSH key such as ssh-ed25519 AAAA… comment')
  }
  supportedType(type)
  const bytes = Buffer.from(base64, 'base64')
  // Node ignores what is no base64.
  if (bytes.toString('base64') !== base64) throw new ProtocolError('bad-request', 'its key is no base64')
  const key = new SshPublicKey(bytes)
  if (key.type !== type) throw new ProtocolError('bad-request', `it says ${type} and holds ${key.type}`)
  return { key, comment }
}

function isTypeName(word: string): boolean {
  return /^(?:ssh|ecdsa|sk)-[\w.@-]+$/.test(word)
}

function supportedType(name: string): SshKeyType {
  const type = SSH_KEY_TYPES.find((each) => each === name)
  if (type !== undefined) return type
  if (!isTypeName(name)) throw new ProtocolError('bad-request', 'it is no public SSH key')
  const why = WHY_NOT.find(([pattern]) => pattern.test(name))?.[1] ?? 'is of an unknown kind'
  throw new ProtocolError(
    'unsupported',
    `the key ${why}; use Ed25519, or RSA with at least ${MIN_RSA_BITS} bits`,
  )
}

const WHY_NOT: readonly [RegExp, string][] = [
  [/-cert-v\d+@/, 'has a certificate, which is not supported'],
  [/^ssh-dss$/, 'is DSA, which is too weak'],
  [/^ecdsa-/, 'is ECDSA, which is not supported'],
  [/^sk-/, 'is of a hardware token (FIDO), which is not supported'],
]

function readEd25519(reader: SshReader) {
  return { kty: 'OKP', crv: 'Ed25519', x: reader.string().toString('base64url') }
}

function readRsa(reader: SshReader) {
  const exponent = reader.integer()
  const modulus = reader.integer()
  const [first] = modulus
  const bits = first === undefined ? 0 : modulus.length * 8 - Math.clz32(first) + 24
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    throw new ProtocolError(
      'unsupported',
      `the RSA key has ${bits} bits, and ${MIN_RSA_BITS} to ${MAX_RSA_BITS} are needed; make an Ed25519 key instead`,
    )
  }
  if (exponent.length > MAX_RSA_EXPONENT) {
    throw new ProtocolError(
      'unsupported',
      'the public exponent of the RSA key is too large; make another key',
    )
  }
  return { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') }
}
