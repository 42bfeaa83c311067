import type { Address } from '@jftp/socketserver'

/** A client's address and port as one word: `192.0.2.7:4711`, `[2001:db8::1]:4711`, or `unix`. */
export function showClient(address: Address): string {
  if (typeof address === 'string') return address || 'unix'
  const [host, port] = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
