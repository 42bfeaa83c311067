import * as v from 'valibot'
import { UsageError } from '../usage-error.js'

const common = {
  /** The address to listen on. */
  host: v.string(),
  /** 0 picks a free port. */
  port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  /** After so many milliseconds nobody may begin any more. */
  timeLimitMs: v.pipe(v.number(), v.minValue(1), v.maxValue(2 ** 31 - 1)),
}

const schema = v.variant('type', [
  /** Lets these files and folders be downloaded once. */
  v.strictObject({ type: v.literal('share'), paths: v.pipe(v.array(v.string()), v.minLength(1)), ...common }),
  /** Lets somebody upload into this folder once. */
  v.strictObject({ type: v.literal('receive'), folder: v.string(), ...common }),
])

/** What `ftpd one-off` is asked for: one line of JSON on stdin. */
export type OneOffRequest = v.InferOutput<typeof schema>

/** Throws UsageError. */
export function parseOneOffRequest(line: string): OneOffRequest {
  try {
    return v.parse(schema, JSON.parse(line))
  } catch (cause) {
    throw new UsageError(
      `the request is malformed: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
}
