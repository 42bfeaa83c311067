/** An SSH key that logs in: one from a file or an agent, or any other object that can sign. */
export interface SshKey {
  /** The public key as SSH sends it: what follows the type in a `.pub` file, decoded from base64. */
  readonly publicKey: Uint8Array
  /** A name for people, such as a comment or a file. */
  readonly comment: string
  /**
   * Signs with this key. The result is a signature as SSH sends it: the name of its algorithm, then its bytes, each with
   * the length before it. RSA keys sign with `rsa-sha2-512`.
   */
  sign(data: Uint8Array): Promise<Uint8Array>
}
