import * as v from 'valibot'
import { DIGEST_ALGORITHMS, type Digest } from '../digest.js'
import { MAX_LOGIN_KEYS, MAX_SECRET_LENGTH } from '../limits.js'
import { isNormalRemotePath } from '../remote-path.js'

/**
 * The types of fields that messages share, as docs/PROTOCOL.md names them. Each message reads as the end of a
 * sentence about the field. Objects ignore fields that they do not know, because newer peers may send more.
 */

export const text = v.string('must be a string')

export const flag = v.boolean('must be true or false')

/** A path as a peer wrote it. `normalizeRemotePath` decides whether it is allowed. */
export const path = longText()

/** An argument of a program. */
export const argument = longText()

/** A path in an answer, which the server has normalised. */
export const normalPath = v.pipe(text, v.check(isNormalRemotePath, 'must be an absolute, normalised path'))

const COUNT = 'must be a whole number from 0 to 2^53 - 1'

export const count = v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(0, COUNT))

const TIME = 'must be a whole number of milliseconds'

/** Milliseconds since 1970; negative before that. */
export const time = v.pipe(v.number(TIME), v.safeInteger(TIME))

const MODE = 'must be a whole number from 0 to 4095'

/** The twelve permission bits of POSIX. */
export const mode = v.pipe(v.number(MODE), v.integer(MODE), v.minValue(0, MODE), v.maxValue(0o7777, MODE))

export const shortText = v.pipe(text, v.maxLength(256, 'must have at most 256 characters'))

/** A password or a token. However its characters are escaped, it fits into the JSON that is allowed before the login. */
export const secret = v.pipe(text, v.maxLength(MAX_SECRET_LENGTH, 'must have at most 512 characters'))

function longText() {
  return v.pipe(text, v.maxLength(8192, 'must have at most 8192 characters'))
}

const base64 = v.pipe(text, v.minLength(1, 'must not be empty'), v.base64('must be base64'))

/** Public keys and signatures, as SSH sends them. */
export const signedKeys = listOf(v.object({ key: base64, signature: base64 }), MAX_LOGIN_KEYS)

export function oneOf<const Options extends readonly string[]>(options: Options) {
  return v.picklist(options, `must be one of ${options.join(', ')}`)
}

export function listOf<Item extends v.GenericSchema>(item: Item, maxLength: number) {
  return v.pipe(
    v.array(item, 'must be an array'),
    v.maxLength(maxLength, `must have at most ${maxLength} items`),
  )
}

export const digestAlgorithm = oneOf(DIGEST_ALGORITHMS)

/** A digest that a file has, whoever asks for it. */
export const fileDigestAlgorithm = oneOf(
  DIGEST_ALGORITHMS.filter((name): name is Digest['alg'] => name !== 'none'),
)

export const digest = byField(
  v.variant(
    'alg',
    [digestWith('md5', 32), digestWith('sha256', 64), digestWith('blake3', 64), digestWith('xxh128', 32)],
    'must be of the kind md5, sha256, blake3 or xxh128',
  ),
)

function digestWith<const Alg extends string>(alg: Alg, digits: number) {
  const hex = new RegExp(`^[0-9a-f]{${digits}}$`)
  return v.object({
    alg: v.literal(alg),
    hex: v.pipe(text, v.regex(hex, `must be the lower-case hex digits of a ${alg} digest`)),
  })
}

/**
 * The same schema, which looks up the option that a value names instead of trying one after the other. With 10,000
 * small files that was measured to take half the time, most of it while V8 has not compiled the code yet.
 */
export function byField<S extends Variant>(schema: S): S {
  const { key, options } = schema
  const byName = new Map(
    options.flatMap((option) => {
      const named = option.entries[key]
      return named?.type === 'literal'
        ? [[(named as v.LiteralSchema<string, undefined>).literal, option]]
        : []
    }) as [unknown, v.GenericSchema][],
  )
  return {
    ...schema,
    '~run'(dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) {
      const value = dataset.value as Record<string, unknown> | null | undefined
      // What names no option is left to the schema, which says what is wrong with it.
      return (byName.get(value?.[key]) ?? schema)['~run'](dataset, config)
    },
  }
}

type Variant = v.GenericSchema & {
  readonly key: string
  readonly options: readonly (v.GenericSchema & {
    readonly entries: Readonly<Record<string, v.GenericSchema>>
  })[]
}
