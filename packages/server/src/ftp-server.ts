import {
  type Address,
  AsyncTCPServer,
  AsyncUnixStreamServer,
  type BaseServer,
  type HandlerSource,
  type ListenAddress,
  type ServerOptions,
  ThreadingTCPServer,
  ThreadingUnixStreamServer,
} from '@jftp/socketserver'
import type { DaemonConfig } from './cli/config.js'
import type { FtpContext } from './ftp-request-handler.js'
import type { Log } from './log.js'
import type { SessionRecord } from './session/session-record.js'
import { SessionLog, showClient } from './session-log.js'

const handler = new URL('./ftp-request-handler.js', import.meta.url)

/** The server for a configuration: TCP or Unix socket, in worker threads or on the event loop. */
export function createFtpServer(config: DaemonConfig, context: FtpContext, log: Log): Promise<BaseServer> {
  const address: ListenAddress = config.unix ?? [config.host, config.port]
  const options: ServerOptions = { context, ...(config.workers > 0 ? { maxThreads: config.workers } : {}) }
  const Server = WithLog(classFor(config), log)
  return Server.listen(address, handler, options)
}

type StreamServerClass = new (
  address: ListenAddress,
  handler: HandlerSource,
  options?: ServerOptions,
) => BaseServer

function classFor({ unix, workers }: DaemonConfig): StreamServerClass {
  if (unix !== undefined) return workers > 0 ? ThreadingUnixStreamServer : AsyncUnixStreamServer
  return workers > 0 ? ThreadingTCPServer : AsyncTCPServer
}

/** Sessions, what their handlers report, and what goes wrong in them, as lines of the log. */
function WithLog(Base: StreamServerClass, log: Log) {
  const sessions = new SessionLog(log)
  return class extends (Base as typeof BaseServer) {
    override async runRequest(request: unknown, clientAddress: Address): Promise<void> {
      const start = performance.now()
      sessions.started(clientAddress)
      await super.runRequest(request, clientAddress)
      sessions.ended(clientAddress, Math.round(performance.now() - start))
    }

    override handleMessage(message: unknown, clientAddress?: Address): void {
      sessions.record(message as SessionRecord, clientAddress)
    }

    override handleError(_request: unknown, clientAddress: Address, error: unknown): void {
      sessions.failed(clientAddress, error)
    }

    override handleAcceptError(error: Error, clientAddress?: Address): void {
      log.warn(
        { type: 'accept-failed', client: showClient(clientAddress), err: error },
        `could not accept a connection: ${error.message}`,
      )
    }

    handleWorkerExit(error: Error): void {
      log.error({ type: 'worker-lost', err: error }, `a worker thread died and is replaced: ${error.message}`)
    }
  }
}
