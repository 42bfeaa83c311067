import { ProtocolError } from '@jftp/protocol'
import type { ThreadError } from './thread-messages.js'

export function packError(error: unknown): ThreadError {
  if (error instanceof ProtocolError) return { kind: 'wire', error: error.toWire() }
  const { code, message } = error as NodeJS.ErrnoException
  return { kind: 'system', code, message }
}

export function unpackError(packed: ThreadError): Error {
  if (packed.kind === 'wire') return new ProtocolError(packed.error.code, packed.error.message)
  return Object.assign(new Error(packed.message), packed.code === undefined ? {} : { code: packed.code })
}
