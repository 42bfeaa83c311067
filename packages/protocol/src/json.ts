import { MAX_JSON_DEPTH } from './limits.js'
import { ProtocolError } from './protocol-error.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The JSON object in a payload. Throws `protocol-error` if it is not valid UTF-8 or JSON, or nests too deep. */
export function parseJsonPayload(payload: Uint8Array): Record<string, unknown> {
  checkDepth(payload)
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(payload))
  } catch (cause) {
    throw new ProtocolError('protocol-error', 'a JSON payload is not valid JSON in UTF-8', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError('protocol-error', 'a JSON payload is not an object')
  }
  return value as Record<string, unknown>
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Counts the brackets outside strings. Whether the payload is JSON at all is for JSON.parse to decide. */
function checkDepth(payload: Uint8Array): void {
  let depth = 0
  let inString = false
  for (let at = 0; at < payload.length; at++) {
    const byte = payload[at]
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) {
      inString = true
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_JSON_DEPTH) {
        throw new ProtocolError('protocol-error', `a JSON payload nests deeper than ${MAX_JSON_DEPTH}`)
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--
    }
  }
}
