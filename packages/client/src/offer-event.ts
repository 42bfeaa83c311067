/** `share` or `receive` listens. The other side runs `command`, or connects to `url` with the token and the pin. */
export interface OfferEvent {
  readonly v: 1
  readonly event: 'offer'
  readonly type: 'share' | 'receive'
  readonly command: string
  readonly url: string
  /** A secret, which is worth nothing any more when this has ended. */
  readonly token: string
  /** The fingerprint of the certificate: `sha256:` and hex. */
  readonly pin: string
  /** When it ends if nobody has begun: milliseconds since 1970. */
  readonly until: number
}
