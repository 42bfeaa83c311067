import { Buffer } from 'node:buffer'
import { type Hello, loginStatementBytes, MAX_LOGIN_KEYS, type RequestInput } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import type { SshKey } from './ssh-key.js'

/** Bytes of JSON that keys and signatures may take, so that a login fits into what is read before it. */
const MAX_SIZE = 3_400

/** What a login by keys needs to know of its connection. */
export interface KeyLoginOptions {
  readonly user: string
  readonly keys: readonly SshKey[]
  readonly hello: Hello
  /** The SHA-256 of the server's certificate; undefined without TLS. */
  readonly certificate: string | undefined
}

/**
 * The request to log in by one of these keys, each of which signs. The first ones are sent, as many as fit. Throws
 * `login-failed` if the server takes no keys, or if no key signs.
 */
export async function keyLoginRequest({
  user,
  keys,
  hello: { login, challenge },
  certificate,
}: KeyLoginOptions): Promise<RequestInput<'login'>> {
  if (challenge === undefined || !login.includes('key')) {
    throw new FtpError('login-failed', 'no user of this server logs in by an SSH key')
  }
  const signed: { key: string; signature: string }[] = []
  let fault: unknown
  let size = 0
  for (const each of keys.slice(0, MAX_LOGIN_KEYS)) {
    const data = loginStatementBytes({ challenge, certificate, user, key: each.publicKey })
    try {
      const entry = { key: base64(each.publicKey), signature: base64(await each.sign(data)) }
      size += JSON.stringify(entry).length + 1
      if (size > MAX_SIZE && signed.length > 0) break
      signed.push(entry)
    } catch (error) {
      // The others may still be willing.
      fault = error
    }
  }
  if (signed.length > 0) return { user, method: 'key', keys: signed }
  if (fault instanceof FtpError) throw fault
  throw new FtpError('login-failed', 'none of the SSH keys has signed', { cause: fault })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
