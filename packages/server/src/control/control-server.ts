import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { removeStaleSocket } from '../stale-socket.js'
import type { Status } from './status.js'

/** What can be asked of a daemon through its control socket. */
export interface Controls {
  status(): Status
  /** Whether there was such a session. */
  kick(session: number): boolean
  /** Whether that address was banned. */
  unban(address: string): boolean
}

/** How long somebody has to send a request, in ms. */
const REQUEST_TIMEOUT = 5_000

/** Connections at once; more wait. */
const MAX_CONNECTIONS = 16

/** Lets whoever runs the daemon ask and command it, over HTTP on a Unix socket that only that user may open. */
export class ControlServer {
  readonly path: string
  readonly #controls: Controls
  readonly #server = createServer(
    { headersTimeout: REQUEST_TIMEOUT, requestTimeout: REQUEST_TIMEOUT, connectionsCheckingInterval: 1_000 },
    (request, response) => this.#answer(request, response),
  )

  private constructor(path: string, controls: Controls) {
    this.path = path
    this.#controls = controls
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  /** Rejects with the system's error if it can't listen there, for instance because another daemon does. */
  static async listen(path: string, controls: Controls): Promise<ControlServer> {
    await removeStaleSocket(path)
    const control = new ControlServer(path, controls)
    // The socket is made before `listen` returns. It must not be open to others even for a moment.
    const mask = process.umask(0o177)
    try {
      control.#server.listen({ path })
    } finally {
      process.umask(mask)
    }
    await once(control.#server, 'listening')
    // Without a listener an error in accepting would end ftpd.
    control.#server.on('error', () => {})
    return control
  }

  /** The socket's file is removed as well. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const [path = '', query = ''] = url.split('?')
    const what = `${method} ${path}`
    if (what === 'GET /status') return say(response, 200, this.#controls.status())
    if (what === 'POST /kick') {
      const session = new URLSearchParams(query).get('session') ?? ''
      if (this.#controls.kick(Number(session))) return say(response, 200, {})
      return say(response, 404, { error: `there is no session ${session}; see ftpd status` })
    }
    if (what === 'POST /unban') {
      const address = new URLSearchParams(query).get('address') ?? ''
      if (this.#controls.unban(address)) return say(response, 200, {})
      return say(response, 404, { error: `${JSON.stringify(address)} is not banned; see ftpd status` })
    }
    say(response, 404, { error: 'this ftpd does not know that command; it may be another version' })
  }
}

function say(response: ServerResponse, status: number, answer: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}
