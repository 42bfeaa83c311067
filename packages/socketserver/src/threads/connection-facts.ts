import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type { Address } from '../address.js'

/** The properties of a connection's socket, for a thread that doesn't have the socket. */
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
 * The properties that a thread can't derive from the server's and the client's address. Usually there are none, and
 * asking the kernel takes time. They are needed with TLS, and if the server listens on all addresses, because then
 * only the socket knows which of them the client has used.
 */
export function factsOf(socket: Socket, serverAddress: Address): ConnectionFacts | undefined {
  const listensOnAll = typeof serverAddress !== 'string' && ['0.0.0.0', '::'].includes(serverAddress[0])
  if (!listensOnAll && !(socket instanceof TLSSocket)) return undefined
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  const addresses = { remoteAddress, remotePort, localAddress, localPort }
  return socket instanceof TLSSocket ? { ...addresses, tls: tlsFactsOf(socket) } : addresses
}

/** Derives the properties from the addresses if `factsOf` has returned `undefined`. */
export function factsFrom(clientAddress: Address, serverAddress: Address): ConnectionFacts {
  const [remoteAddress, remotePort] = typeof clientAddress === 'string' ? [] : clientAddress
  const [localAddress, localPort] = typeof serverAddress === 'string' ? [] : serverAddress
  return { remoteAddress, remotePort, localAddress, localPort }
}

/** Makes the certificate's byte arrays buffers again, because cloning does not keep the class `Buffer`. */
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
    // Node's types say that this is an Error, but it is the code of one.
    authorizationError: authorizationError ? String(authorizationError) : undefined,
    alpnProtocol,
    servername: (socket as { servername?: string | false | null }).servername ?? null,
    protocol: socket.getProtocol(),
    peerCertificate: socket.getPeerCertificate() ?? {},
  }
}
