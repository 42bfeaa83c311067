import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type { Address } from '../address.js'

/** What a connection's socket knows, for a thread that doesn't have the socket. */
export interface ConnectionFacts {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly tls?: TlsFacts
}

export interface TlsFacts {
  readonly authorized: boolean
  readonly authorizationError: string | undefined
  readonly alpnProtocol: string | false | null
  readonly servername: string | false | null
  readonly protocol: string | null
  readonly peerCertificate: object
}

/**
 * What a thread can't tell from the addresses it has; mostly nothing, for asking the kernel takes time. A server
 * that listens on all addresses does not know which of them a client has used.
 */
export function factsOf(socket: Socket, serverAddress: Address): ConnectionFacts | undefined {
  const listensOnAll = typeof serverAddress !== 'string' && ['0.0.0.0', '::'].includes(serverAddress[0])
  if (!listensOnAll && !(socket instanceof TLSSocket)) return undefined
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  const addresses = { remoteAddress, remotePort, localAddress, localPort }
  return socket instanceof TLSSocket ? { ...addresses, tls: tlsFactsOf(socket) } : addresses
}

/** The facts of a connection of which `factsOf` had nothing to tell. */
export function factsFrom(clientAddress: Address, serverAddress: Address): ConnectionFacts {
  const [remoteAddress, remotePort] = typeof clientAddress === 'string' ? [] : clientAddress
  const [localAddress, localPort] = typeof serverAddress === 'string' ? [] : serverAddress
  return { remoteAddress, remotePort, localAddress, localPort }
}

/** The certificate as `getPeerCertificate()` gives it: cloning has made its buffers plain arrays of bytes. */
export function revivePeerCertificate(certificate: object): PeerCertificate | object {
  return Object.fromEntries(
    Object.entries(certificate).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value,
    ]),
  )
}

function tlsFactsOf(socket: TLSSocket): TlsFacts {
  const { authorized, authorizationError, alpnProtocol } = socket
  return {
    authorized,
    // Node's own types say Error; it is the code of one.
    authorizationError: authorizationError ? String(authorizationError) : undefined,
    alpnProtocol,
    servername: (socket as { servername?: string | false | null }).servername ?? null,
    protocol: socket.getProtocol(),
    peerCertificate: socket.getPeerCertificate() ?? {},
  }
}
