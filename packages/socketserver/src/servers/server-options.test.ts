import { describe, expect, it } from 'vitest'
import { fieldsOf } from './server-options.js'

describe('fieldsOf', () => {
  it('gives what is a field, and only what was said', () => {
    const options = { bindAndActivate: false, context: 1, maxThreads: 2, timeout: undefined } as never
    expect(fieldsOf(options)).toEqual({ maxThreads: 2 })
  })

  it.each([
    ['maxThreads', 0],
    ['maxChildren', -1],
    ['requestsPerThread', Number.NaN],
    ['timeout', -1],
    ['maxPacketSize', '8192'],
    ['requestQueueSize', 0],
  ])('refuses %s: %s', (name, value) => {
    expect(() => fieldsOf({ [name]: value })).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })

  it('takes no limit for a limit', () => {
    expect(fieldsOf({ requestsPerThread: Number.POSITIVE_INFINITY })).toEqual({ requestsPerThread: Infinity })
  })
})
