import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { ThreadingTCPServer } from '@jftp/socketserver'

/**
 * Serves the handler that a module exports, in worker threads unless another class is given, if that module is
 * what node was started with: `node example.js [host] [port]`. The workers load the same module, and there this
 * does nothing. A server without workers gets the handler's class: it can't import the module that waits for it.
 */
export async function serveIfMain(
  moduleUrl,
  defaultPort,
  Server = ThreadingTCPServer,
  handler = new URL(moduleUrl),
) {
  if (!isMainThread || process.argv[1] !== fileURLToPath(moduleUrl)) return
  const [host = '127.0.0.1', port = defaultPort] = process.argv.slice(2)
  const server = await Server.listen([host, Number(port)], handler)
  console.log('serving on', ...server.serverAddress)
  await server.serveForever()
  await server.serverClose()
}
