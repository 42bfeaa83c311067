import { ProtocolError } from '@jftp/protocol'

/**
 * What the client is told of an error. Everything that can go wrong is a ProtocolError where it arises; what is
 * none is a defect, of which the log alone gets the cause.
 */
export function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  return new ProtocolError('internal', 'a defect in the server; its log has the cause', { cause: error })
}
