import {
  AsyncTCPServer,
  AsyncUnixStreamServer,
  type BaseServer,
  type ListenAddress,
  type ServerOptions,
  ThreadingTCPServer,
  ThreadingUnixStreamServer,
} from '@jftp/socketserver'
import type { DaemonConfig } from './cli/config.js'

export type StreamServerClass = new (
  address: ListenAddress,
  handler: URL,
  options?: ServerOptions,
) => BaseServer

/** The framework's server for a configuration. */
export function serverClassFor({ unix, workers }: DaemonConfig): StreamServerClass {
  if (unix !== undefined) return workers > 0 ? ThreadingUnixStreamServer : AsyncUnixStreamServer
  return workers > 0 ? ThreadingTCPServer : AsyncTCPServer
}
