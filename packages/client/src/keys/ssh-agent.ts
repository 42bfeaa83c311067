import { Buffer } from 'node:buffer'
import { connect } from 'node:net'
import { encodeSshStrings, ProtocolError, SshPublicKey, SshReader } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import type { SshKey } from './ssh-key.js'

/** Messages of the agent protocol (draft-miller-ssh-agent). */
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14

/** Asks for a signature of an RSA key with SHA-512. */
const RSA_SHA2_512 = 4

/** The largest answer that OpenSSH's agent gives. */
const MAX_ANSWER = 256 * 1024

/** Milliseconds for the list of keys. A signature may take longer, because a person may have to confirm it. */
const LIST_TIMEOUT = 5_000

/**
 * The keys of an ssh-agent that can log in, whose socket has the path `$SSH_AUTH_SOCK`. Throws `login-failed` if the agent
 * does not answer.
 */
export async function listAgentKeys(socketPath: string): Promise<SshKey[]> {
  const reader = await ask(socketPath, Buffer.from([REQUEST_IDENTITIES]), IDENTITIES_ANSWER, LIST_TIMEOUT)
  return reading(socketPath, () => {
    const keys: SshKey[] = []
    for (let count = reader.uint32(); count > 0; count--) {
      const publicKey = reader.string()
      const comment = reader.text()
      if (canLogIn(publicKey))
        keys.push({ publicKey, comment, sign: (data) => sign(socketPath, publicKey, data) })
    }
    return keys
  })
}

async function sign(socketPath: string, publicKey: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const flags = Buffer.from([0, 0, 0, RSA_SHA2_512])
  const request = Buffer.concat([Buffer.from([SIGN_REQUEST]), encodeSshStrings(publicKey, data), flags])
  const reader = await ask(socketPath, request, SIGN_RESPONSE)
  return reading(socketPath, () => reader.string())
}

/** An agent may have keys of other kinds too. */
function canLogIn(publicKey: Uint8Array): boolean {
  try {
    return new SshPublicKey(publicKey) !== undefined
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

/** Sends one message and reads the answer, which has to be of the kind that is expected. */
async function ask(path: string, message: Buffer, expected: number, timeout?: number): Promise<SshReader> {
  const answer = await exchange(path, message, timeout)
  if (answer[0] !== expected) throw unusable(path, 'it refuses')
  return new SshReader(answer.subarray(1))
}

function exchange(path: string, message: Buffer, timeout = 0): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    const fail = (why: string, cause?: unknown) => {
      socket.destroy()
      reject(unusable(path, why, cause))
    }
    let received = Buffer.alloc(0)
    socket.setTimeout(timeout, () => fail('it does not answer'))
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error))
    socket.on('end', () => fail('it closed the connection'))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4) return
      const length = received.readUInt32BE()
      if (length < 1 || length > MAX_ANSWER) return fail('its answer is malformed')
      if (received.length < 4 + length) return
      socket.destroy()
      resolve(received.subarray(4, 4 + length))
    })
    socket.write(encodeSshStrings(message))
  })
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw unusable(path, 'its answer is malformed', cause)
  }
}

function unusable(path: string, why: string, cause?: unknown): FtpError {
  return new FtpError('login-failed', `the ssh-agent at ${path} can't be used: ${why}`, { cause })
}
