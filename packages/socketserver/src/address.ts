/** Host and TCP or UDP port: `['127.0.0.1', 8021]`. Port 0 lets the system choose a free one. */
export type InternetAddress = readonly [host: string, port: number]

/** A path in the file system. A client that is not bound to a path has the address `''`, as in Python. */
export type UnixAddress = string

export type Address = InternetAddress | UnixAddress

/**
 * Where a server listens: an address, or a descriptor that somebody else has already opened
 * (`{ fd: listenDescriptors()[0] }`).
 */
export type ListenAddress = Address | { readonly fd: number }

/** `inet` covers what Node resolves the host to, IPv4 or IPv6; `inet6` insists on IPv6. */
export type AddressFamily = 'inet' | 'inet6' | 'unix'
