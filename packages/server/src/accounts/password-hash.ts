import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'

/**
 * What a new hash costs: 32 MiB of memory and, on a core of 2020, 60 to 90 ms. A hash keeps the parameters that it was
 * made with, so they can be raised later.
 */
const NEW = { cost: 2 ** 15, blockSize: 8, parallelization: 1 } as const

const SALT_BYTES = 16
const HASH_BYTES = 32

/** More would let a users file make one check take all memory: 1 GiB. */
const MAX_MEMORY = 2 ** 30

const base64 = (bytes: number) =>
  v.pipe(
    v.string(),
    v.base64('must be base64'),
    v.check((text) => Buffer.from(text, 'base64').length === bytes, `must be ${bytes} bytes in base64`),
  )

const integer = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))

/** A password as it is stored: what scrypt makes of it, and with which parameters. */
export const passwordHashSchema = v.pipe(
  v.strictObject({
    algorithm: v.literal('scrypt'),
    cost: v.pipe(
      integer(2 ** 14, 2 ** 24),
      v.check((cost) => (cost & (cost - 1)) === 0, 'must be a power of 2'),
    ),
    blockSize: integer(1, 64),
    parallelization: integer(1, 16),
    salt: base64(SALT_BYTES),
    hash: base64(HASH_BYTES),
  }),
  v.check(({ cost, blockSize }) => 128 * cost * blockSize <= MAX_MEMORY, 'needs more than 1 GiB of memory'),
)

export type PasswordHash = v.InferOutput<typeof passwordHashSchema>

type Parameters = Pick<PasswordHash, 'cost' | 'blockSize' | 'parallelization'>

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, NEW)
  return { algorithm: 'scrypt', ...NEW, salt: salt.toString('base64'), hash: hash.toString('base64') }
}

/** Whether that is the password. It takes the same time whatever the answer is. */
export async function isPassword(password: string, stored: PasswordHash): Promise<boolean> {
  const hash = await derive(password, Buffer.from(stored.salt, 'base64'), stored)
  return timingSafeEqual(hash, Buffer.from(stored.hash, 'base64'))
}

/** A hash that no password has, for users that do not exist: checking it costs the same. */
export function impossibleHash(): PasswordHash {
  return {
    algorithm: 'scrypt',
    ...NEW,
    salt: randomBytes(SALT_BYTES).toString('base64'),
    hash: randomBytes(HASH_BYTES).toString('base64'),
  }
}

/** Runs in libuv's thread pool. The same text typed on two systems may differ in bytes, so it is normalised. */
function derive(password: string, salt: Buffer, parameters: Parameters): Promise<Buffer> {
  const { cost: N, blockSize: r, parallelization: p } = parameters
  const options = { N, r, p, maxmem: 2 * MAX_MEMORY }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    )
  })
}
