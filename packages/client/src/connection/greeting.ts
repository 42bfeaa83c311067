import { Buffer } from 'node:buffer'
import {
  createHello,
  encodeClientHello,
  type Frame,
  FrameType,
  type Hello,
  negotiateVersion,
  PROTOCOL_VERSIONS,
  parseHello,
} from '@jftp/protocol'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { VERSION } from '../version.js'

/** The HELLO of this client, which names its version. */
export function encodeHello(): Uint8Array {
  return encodeClientHello(createHello(`jftp/${VERSION}`))
}

/** Reads the server's first frame. Throws `unsupported` for a HELLO of other versions, `not-jftp` for anything else. */
export function readHello({ type, payload }: Frame, address: string): Hello {
  if (type !== FrameType.HELLO) throw notJftp(address, payload, undefined)
  let hello: Hello
  try {
    hello = parseHello(payload)
  } catch (error) {
    throw notJftp(address, payload, error)
  }
  try {
    negotiateVersion(PROTOCOL_VERSIONS, hello.versions)
    return hello
  } catch (error) {
    throw toFtpError(error)
  }
}

/** Something answered, and not with a HELLO. `heard`: the first bytes of what it said. */
export function notJftp(address: string, heard: Uint8Array, cause: unknown): FtpError {
  return new FtpError(
    'not-jftp',
    `${address} answers, but not in jftp (${guess(Buffer.from(heard).toString('latin1'))}); check the port`,
    { cause },
  )
}

const GREETINGS: readonly [RegExp, string][] = [
  [/^(?:HTTP\/|<!doctype|<html)/i, 'it is an HTTP server'],
  [/^SSH-/, 'it is an SSH server'],
  [/^220[ -].*(?:smtp|mail)/i, 'it is a mail server'],
  [/^220[ -]/, 'it may be a classic FTP server'],
  // The type bytes of TLS records.
  [/^[\x15\x16]\x03/, 'it speaks TLS: write jftps:// instead of jftp://'],
]

function guess(text: string): string {
  return GREETINGS.find(([pattern]) => pattern.test(text))?.[1] ?? 'it may be an HTTP server'
}
