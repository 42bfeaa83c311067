import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { ThreadingTCPServer } from '@jftp/socketserver'

/**
 * Serves the handler that a module exports, in worker threads, if that module is what node was started with:
 * `node example.js [host] [port]`. The workers load the same module, and there this does nothing.
 */
export async function serveIfMain(moduleUrl, defaultPort) {
  if (!isMainThread || process.argv[1] !== fileURLToPath(moduleUrl)) return
  const [host = '127.0.0.1', port = defaultPort] = process.argv.slice(2)
  const server = await ThreadingTCPServer.listen([host, Number(port)], new URL(moduleUrl))
  console.log('serving on', ...server.serverAddress)
  await server.serveForever()
}
