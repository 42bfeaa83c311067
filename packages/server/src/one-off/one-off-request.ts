import type { OneOffRequest } from '@jftp/protocol'
import * as v from 'valibot'
import { UsageError } from '../usage-error.js'

const common = {
  host: v.string(),
  port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  timeLimitMs: v.pipe(v.number(), v.minValue(1), v.maxValue(2 ** 31 - 1)),
}

const schema = v.variant('type', [
  v.strictObject({ type: v.literal('share'), paths: v.pipe(v.array(v.string()), v.minLength(1)), ...common }),
  v.strictObject({ type: v.literal('receive'), folder: v.string(), ...common }),
])

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
