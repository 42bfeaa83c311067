import { join } from 'node:path'
import type { Address } from '@jftp/socketserver'
import { exchange, exchangeDatagram, sendDatagram } from './clients.js'
import type { Transport } from './server-table.js'
import { exchangeUnixDatagram, sendUnixDatagram } from './unix-datagram-client.js'

/** How tests use the four classes in a row of the README's table. */
export interface Row {
  /** A fixture. */
  readonly handler: string
  readonly address: () => Address
  readonly exchange: (address: never, text: string) => Promise<string>
  /** Sends what will not be answered. */
  readonly send: (address: never, text: string) => Promise<unknown>
}

export const transports = ['TCP', 'UDP', 'UnixStream', 'UnixDatagram'] as const

/** `folder` returns the folder for the sockets of the test that is running. */
export function rowsIn(folder: () => string): Record<Transport, Row> {
  return {
    TCP: { handler: 'line-command-handler.js', address: () => ['127.0.0.1', 0], exchange, send: exchange },
    UnixStream: {
      handler: 'line-command-handler.js',
      address: () => join(folder(), 'server'),
      exchange,
      send: exchange,
    },
    UDP: {
      handler: 'datagram-command-handler.js',
      address: () => ['127.0.0.1', 0],
      exchange: exchangeDatagram,
      send: sendDatagram,
    },
    UnixDatagram: {
      handler: 'datagram-command-handler.js',
      address: () => join(folder(), 'server'),
      exchange: (address, text) => exchangeUnixDatagram(address, join(folder(), 'client'), text),
      send: sendUnixDatagram,
    },
  }
}
