import { printable } from '@jftp/protocol'
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
import type { SessionRecord, TransferRecord } from './session/session-record.js'

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

/** What handlers report, and what goes wrong in them, as lines of the log. */
function WithLog(Base: StreamServerClass, log: Log) {
  return class extends (Base as typeof BaseServer) {
    override handleMessage(message: unknown, clientAddress?: Address): void {
      writeRecord(log, message as SessionRecord, show(clientAddress))
    }

    override handleError(_request: unknown, clientAddress: Address, error: unknown): void {
      log.error({ type: 'session-failed', client: show(clientAddress), err: error }, 'a session failed')
    }

    override handleAcceptError(error: Error, clientAddress?: Address): void {
      log.warn(
        { type: 'accept-failed', client: show(clientAddress), err: error },
        `could not accept: ${error.message}`,
      )
    }

    handleWorkerExit(error: Error): void {
      log.error({ type: 'worker-lost', err: error }, `a worker thread died and is replaced: ${error.message}`)
    }
  }
}

function writeRecord(log: Log, record: SessionRecord, client: string): void {
  if (record.type === 'fault') {
    log.error(
      { ...record, client },
      `${record.cmd} failed (request ${record.requestId}): ${printable(record.cause)}`,
    )
    return
  }
  const line = { ...record, client }
  if (record.error === undefined) log.info(line, summary(record, client))
  else log.warn(line, summary(record, client))
}

function summary(
  { op, path, bytes, ms, digest, result, error, user }: TransferRecord,
  client: string,
): string {
  const checked = digest === undefined ? '' : ` · ${digest.alg} ${digest.hex}`
  const why = error === undefined ? '' : `: ${printable(error)}`
  return `${op} ${printable(path)} · ${bytes} bytes in ${ms} ms${checked} · ${result}${why} · ${user}@${client}`
}

function show(address: Address | undefined): string {
  if (address === undefined) return 'unknown'
  return typeof address === 'string' ? address || 'unix' : `${address[0]}:${address[1]}`
}
