declare module 'bcrypt-pbkdf' {
  /** The key derivation of OpenSSH's key files. */
  const library: {
    /** Fills `key`. Returns 0, or -1 if an argument is not good. */
    pbkdf(
      passphrase: Uint8Array,
      passphraseLength: number,
      salt: Uint8Array,
      saltLength: number,
      key: Uint8Array,
      keyLength: number,
      rounds: number,
    ): number
  }
  export default library
}
