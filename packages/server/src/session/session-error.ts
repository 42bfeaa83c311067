import { ProtocolError, type WireError } from '@jftp/protocol'
import type { Exchange } from './exchange.js'

/**
 * The error that the client is told. Code that expects a failure throws a ProtocolError. Any other error is a defect
 * of the server: the client is told only that there is one, and the log gets its cause.
 */
export function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  return new ProtocolError('internal', 'a defect in the server; its log has the cause', { cause: error })
}

export function cancelled(): ProtocolError {
  return new ProtocolError('cancelled', 'cancelled by the client')
}

export function clientGone(): ProtocolError {
  return new ProtocolError('cancelled', 'the client went away')
}

/** `cause`: what has failed because the server is shutting down. */
export function shuttingDown(cause?: Error): ProtocolError {
  return new ProtocolError('shutting-down', 'the server is shutting down; try again later', { cause })
}

/** An error as the client of a request is told it: with what the log calls the request. */
export function toldError({ logId }: Exchange, error: ProtocolError): WireError {
  return { ...error.toWire(), id: logId }
}
