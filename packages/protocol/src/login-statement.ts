import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { encodeSshStrings } from './ssh-wire.js'

/** What SSH tools call the purpose of the signature (`ssh-keygen -Y sign -n`), so that it is good for nothing else. */
const NAMESPACE = 'jftp-login'

/** What a client states when it logs in by a key. */
export interface LoginStatement {
  /** The challenge in the server's HELLO, as it was sent. */
  readonly challenge: string
  /** The SHA-256 of the server's certificate, `sha256:` and hex; undefined if the connection has no TLS. */
  readonly certificate: string | undefined
  readonly user: string
  /** The public key as SSH sends it. */
  readonly key: Uint8Array
}

/** The statement as text. It names the server, so nobody in between can pass a login on to another one. */
export function loginStatementText({ challenge, certificate = 'none', user, key }: LoginStatement): string {
  return [
    'jftp/1 login',
    `challenge: ${challenge}`,
    `certificate: ${certificate}`,
    `user: ${user}`,
    `key: ${Buffer.from(key).toString('base64')}`,
    '',
  ].join('\n')
}

/** The bytes that are signed: the statement in the envelope of OpenSSH's signatures (its PROTOCOL.sshsig). */
export function loginStatementBytes(statement: LoginStatement): Uint8Array {
  const digest = createHash('sha512').update(loginStatementText(statement)).digest()
  return Buffer.concat([Buffer.from('SSHSIG'), encodeSshStrings(NAMESPACE, '', 'sha512', digest)])
}
