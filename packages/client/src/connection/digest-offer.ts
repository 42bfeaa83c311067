import { type DigestAlgorithm, OFFERED_DIGESTS, prepareDigest } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'

/** Which digests both sides have. There is no choosing of another one: a transfer that can't have its digest fails. */
export class DigestOffer {
  /** What the server's HELLO names; undefined before that has come. */
  #server: readonly string[] | undefined
  readonly #greeted: Promise<void>
  #resolveGreeted!: () => void

  constructor() {
    this.#greeted = new Promise((resolve) => {
      this.#resolveGreeted = resolve
    })
  }

  /** The server's HELLO has come. */
  learn(digests: readonly string[]): void {
    this.#server = digests
    this.#resolveGreeted()
  }

  /**
   * To be waited for before a transfer with this digest is asked for; undefined if nothing has to be waited for.
   * Rejects with `unsupported` if one of the sides does not have it. Every server has md5. To send another digest to a
   * server that does not know it breaks the protocol, so such a transfer waits for the HELLO.
   */
  prepare(alg: DigestAlgorithm): Promise<void> | undefined {
    if (alg === 'md5') return undefined
    if (this.#server === undefined) return this.#greeted.then(() => this.prepare(alg))
    if (!this.#server.includes(alg)) {
      return Promise.reject(this.#unsupported(`the digest ${alg} is not on both sides`))
    }
    return prepareDigest(alg)?.catch((cause: Error) => {
      throw this.#unsupported(cause.message, cause)
    })
  }

  #unsupported(why: string, cause?: Error): FtpError {
    const lists = `the server offers ${this.#server?.join(', ')}, and this client ${OFFERED_DIGESTS.join(', ')}`
    return new FtpError('unsupported', `${why}: ${lists}; choose one that both have`, { cause })
  }
}
