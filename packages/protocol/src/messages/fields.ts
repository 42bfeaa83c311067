import * as v from 'valibot'
import { DIGEST_ALGORITHMS } from '../digest.js'

/** The building blocks messages share. Unknown fields of any object are ignored, as newer peers may send them. */

/** A path as a peer wrote it; `normalizeRemotePath` has the last word on it. */
export const path = v.pipe(v.string(), v.maxLength(8192))

/** A count of bytes: 0 to 2^53 - 1. */
export const byteCount = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Milliseconds since 1970, possibly before it. */
export const time = v.pipe(v.number(), v.safeInteger())

/** Permission bits: the twelve low ones. */
export const mode = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o7777))

export const shortText = v.pipe(v.string(), v.maxLength(256))

export const digestAlgorithm = v.picklist(DIGEST_ALGORITHMS)

export const digest = v.variant('alg', [
  v.object({ alg: v.literal('md5'), hex: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)) }),
  v.object({ alg: v.literal('sha256'), hex: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
])
