import { type DigestAlgorithm, OFFERED_DIGESTS, prepareDigest } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'

/** Which digests both sides have. There is no choosing of another one: a transfer that can't have its digest fails. */
export class DigestOffer {
  readonly #greeted: Promise<unknown>
  /** What the server's HELLO names. */
  #server: readonly string[] | undefined

  /** `greeted` settles after the server's HELLO has come, or when none will. */
  constructor(greeted: Promise<unknown>) {
    this.#greeted = greeted
  }

  /** The server's HELLO has come. */
  learn(digests: readonly string[]): void {
    this.#server = digests
  }

  /**
   * Why the server can't check transfers with `alg`; undefined if it can, or if its HELLO has not come yet. Transfers
   * do not wait for that, so this is also asked if the server refuses one.
   */
  refusal(alg: DigestAlgorithm): FtpError | undefined {
    // Every server has md5.
    if (alg === 'md5' || (this.#server?.includes(alg) ?? true)) return undefined
    return new FtpError('unsupported', `the digest ${alg} is not on both sides: ${this.#lists()}`)
  }

  /** Undefined if nothing has to be waited for. Rejects with `unsupported` if this side can't compute it. */
  prepare(alg: DigestAlgorithm): Promise<void> | undefined {
    return prepareDigest(alg)?.catch(async (cause: Error) => {
      await Promise.allSettled([this.#greeted])
      throw new FtpError('unsupported', `${cause.message}; ${this.#lists()}`, { cause })
    })
  }

  #lists(): string {
    const server = this.#server?.join(', ') ?? 'nothing, because it did not answer'
    return `the server offers ${server}, and this client ${OFFERED_DIGESTS.join(', ')}; choose one that both have`
  }
}
