import { type MetricSources, Metrics } from './metrics.js'
import { type MetricsAddress, MetricsServer } from './metrics-server.js'

/** Metrics and the server that tells them. Loaded only if somebody wants them. */
export class Monitoring {
  readonly metrics: Metrics
  readonly #sources: MetricSources
  #server: MetricsServer | undefined

  constructor(sources: MetricSources) {
    this.metrics = new Metrics(sources)
    this.#sources = sources
  }

  /** The URL of the metrics. */
  get url(): string | undefined {
    return this.#server?.url
  }

  /** Rejects with the system's error if it can't listen there. */
  async listen(address: MetricsAddress): Promise<void> {
    const isReady = () => !this.#sources.isDraining()
    this.#server = await MetricsServer.listen(address, this.metrics.registry, isReady)
  }

  async close(): Promise<void> {
    this.metrics.close()
    await this.#server?.close()
  }
}
