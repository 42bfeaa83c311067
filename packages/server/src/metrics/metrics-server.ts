import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

/** Connections at once: a few scrapers and probes. More are closed at once. */
const MAX_CONNECTIONS = 64

/** How long somebody has to send a request, in ms. */
const REQUEST_TIMEOUT = 5_000

/** Where the metrics are to be found. */
export interface MetricsAddress {
  readonly host: string
  readonly port: number
}

/** Answers over HTTP what ftpd counts and whether it is well: `/metrics`, `/healthz` and `/readyz`. */
export class MetricsServer {
  readonly #registry: Registry
  readonly #isReady: () => boolean
  readonly #server = createServer(
    { headersTimeout: REQUEST_TIMEOUT, requestTimeout: REQUEST_TIMEOUT, connectionsCheckingInterval: 1_000 },
    (request, response) => void this.#answer(request, response),
  )

  private constructor(registry: Registry, isReady: () => boolean) {
    this.#registry = registry
    this.#isReady = isReady
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.keepAliveTimeout = REQUEST_TIMEOUT
  }

  /** Rejects with the system's error if it can't listen there. */
  static async listen({ host, port }: MetricsAddress, registry: Registry, isReady: () => boolean) {
    const metrics = new MetricsServer(registry, isReady)
    metrics.#server.listen({ host, port })
    await once(metrics.#server, 'listening')
    // Without a listener an error in accepting would end ftpd.
    metrics.#server.on('error', () => {})
    return metrics
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}/metrics`
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = url.split('?')
    if (method !== 'GET' && method !== 'HEAD') return say(response, 405, 'only GET is answered here')
    switch (path) {
      case '/metrics':
        return await this.#tellMetrics(response)
      case '/healthz':
        return say(response, 200, 'ok')
      case '/readyz':
        return this.#isReady() ? say(response, 200, 'ready') : say(response, 503, 'draining')
      default:
        return say(response, 404, 'there are /metrics, /healthz and /readyz')
    }
  }

  async #tellMetrics(response: ServerResponse): Promise<void> {
    try {
      const text = await this.#registry.metrics()
      response.writeHead(200, { 'content-type': this.#registry.contentType }).end(text)
    } catch (error) {
      say(response, 500, `the metrics could not be read: ${String(error)}`)
    }
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}
