import type { PeerCertificate } from 'node:tls'
import type { SecureRequest } from '../handlers/stream-request.js'
import type { MessageBatch } from '../workers/message-batch.js'
import type { FromWorker } from '../workers/worker-message.js'
import { type ConnectionFacts, revivePeerCertificate, type TlsFacts } from './connection-facts.js'
import { ThreadSocket } from './thread-socket.js'

/** `request` in a worker thread if the server uses TLS. The main thread does the encryption; this has its results. */
export class SecureThreadSocket extends ThreadSocket implements SecureRequest {
  readonly encrypted = true
  readonly authorized: boolean
  readonly authorizationError: string | undefined
  readonly alpnProtocol: string | false | null
  readonly servername: string | false | null
  readonly #tls: TlsFacts

  constructor(id: number, batch: MessageBatch<FromWorker>, facts: ConnectionFacts, tls: TlsFacts) {
    super(id, batch, facts)
    this.authorized = tls.authorized
    this.authorizationError = tls.authorizationError
    this.alpnProtocol = tls.alpnProtocol
    this.servername = tls.servername
    this.#tls = tls
  }

  getPeerCertificate(): PeerCertificate | object {
    return revivePeerCertificate(this.#tls.peerCertificate)
  }

  getProtocol(): string | null {
    return this.#tls.protocol
  }
}
