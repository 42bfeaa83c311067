import { expect, test } from 'vitest'
import { SshPublicKey } from './ssh-public-key.js'

/** What SSH sends for an RSA key: its type, the exponent and the modulus, each with its length before it. */
const rsaKey = (modulus: Buffer) => {
  const parts = [Buffer.from('ssh-rsa'), Buffer.from([1, 0, 1]), modulus]
  return Buffer.concat(parts.flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]))
}

test.each([
  ['no byte', Buffer.alloc(0), 0],
  ['zero', Buffer.alloc(1), 0],
  ['one', Buffer.from([1]), 1],
  ['nine bits', Buffer.from([1, 0xff]), 9],
])('an RSA key whose modulus is %s is refused with its number of bits', (_what, modulus, bits) => {
  expect(() => new SshPublicKey(rsaKey(modulus))).toThrow(`the RSA key has ${bits} bits, and 2048 to 8192`)
})
