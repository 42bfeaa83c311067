interface TcpHandle {
  readonly fd: number
  bind(host: string, port: number): number
  close(): void
}

interface TcpBinding {
  readonly TCP: new (type: number) => TcpHandle
  readonly constants: { readonly SERVER: number }
}

/** A TCP socket of 127.0.0.1 that is bound and takes no connections here, to be passed to daemons. */
export class BoundSocket implements Disposable {
  readonly #handle: TcpHandle

  constructor() {
    // A server of node:net would accept connections itself, so that the daemons never see them.
    const { binding } = process as unknown as { binding(name: 'tcp_wrap'): TcpBinding }
    const { TCP, constants } = binding('tcp_wrap')
    this.#handle = new TCP(constants.SERVER)
    if (this.#handle.bind('127.0.0.1', 0) !== 0) throw new Error('can not bind a socket of 127.0.0.1')
  }

  get descriptor(): number {
    return this.#handle.fd
  }

  [Symbol.dispose](): void {
    this.#handle.close()
  }
}
