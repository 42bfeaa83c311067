import * as v from 'valibot'
import { parseJsonPayload } from '../json.js'
import { PROTOCOL_VERSIONS } from '../version.js'
import { byteCount, shortText } from './fields.js'
import { validate } from './validate.js'

const helloSchema = v.object({
  protocol: v.literal('jftp'),
  versions: v.object({ min: byteCount, max: byteCount }),
  /** Program and version, for logs: `jftp/0.1.0`. */
  agent: shortText,
  digests: v.pipe(v.array(shortText), v.maxLength(32)),
  features: v.optional(v.pipe(v.array(shortText), v.maxLength(64)), []),
  /** How a visitor may log in; from the server only. */
  login: v.optional(v.pipe(v.array(shortText), v.maxLength(16)), []),
})

/** The first frame each way. */
export type Hello = v.InferOutput<typeof helloSchema>

/** Throws `protocol-error` for anything but a HELLO of this protocol. */
export function parseHello(payload: Uint8Array): Hello {
  return validate(helloSchema, parseJsonPayload(payload), 'HELLO', 'protocol-error')
}

/** A HELLO of this implementation. `digests` go from the most to the least wanted. */
export function createHello(agent: string, login: string[] = []): Hello {
  return {
    protocol: 'jftp',
    versions: PROTOCOL_VERSIONS,
    agent,
    digests: ['md5', 'sha256', 'none'],
    features: ['eager'],
    login,
  }
}
