import * as v from 'valibot'
import { OFFERED_DIGESTS } from '../digest.js'
import { parseJsonPayload } from '../json.js'
import { PROTOCOL_VERSIONS } from '../version.js'
import { count, listOf, shortText } from './fields.js'
import { validate } from './validate.js'

const helloSchema = v.object({
  protocol: v.literal('jftp', 'must be jftp'),
  versions: v.object({ min: count, max: count }, 'must be an object'),
  /** Program and version, for logs: `jftp/0.1.0`. */
  agent: shortText,
  digests: listOf(shortText, 32),
  features: v.optional(listOf(shortText, 64), []),
  /** The ways to log in that a server offers. A client sends none. */
  login: v.optional(listOf(shortText, 16), []),
  /** What a client signs that logs in by a key: random, and another one for each connection. */
  challenge: v.optional(shortText),
})

/** The first frame in each direction. */
export type Hello = v.InferOutput<typeof helloSchema>

/** Throws `protocol-error` for anything but a HELLO of this protocol. */
export function parseHello(payload: Uint8Array): Hello {
  return validate(helloSchema, parseJsonPayload(payload), 'HELLO', 'protocol-error')
}

/** A HELLO of this implementation. The preferred digest comes first. */
export function createHello(agent: string, login: string[] = [], challenge?: string): Hello {
  return {
    protocol: 'jftp',
    versions: PROTOCOL_VERSIONS,
    agent,
    digests: [...OFFERED_DIGESTS],
    features: ['eager', 'resume'],
    login,
    ...(challenge === undefined ? {} : { challenge }),
  }
}
