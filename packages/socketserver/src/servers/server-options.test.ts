import { describe, expect, it } from 'vitest'
import { fieldsOf } from './server-options.js'

/** A server has a field for each option it knows. */
const server = {
  maxThreads: 1,
  maxChildren: 1,
  requestsPerThread: 1,
  timeout: null,
  maxPacketSize: 1,
  requestQueueSize: 1,
  addressFamily: 'inet',
  blockOnClose: true,
  env: null,
  execArgv: null,
  serverClose() {},
}

describe('fieldsOf', () => {
  it('gives what is a field, and only what was said', () => {
    const options = { bindAndActivate: false, context: 1, maxThreads: 2, timeout: undefined } as never
    expect(fieldsOf(options, server)).toEqual({ maxThreads: 2 })
  })

  it.each([
    ['maxThreads', 0],
    ['maxChildren', -1],
    ['requestsPerThread', Number.NaN],
    ['timeout', -1],
    ['maxPacketSize', '8192'],
    ['requestQueueSize', 0],
    ['requestQueueSize', 1.5],
    ['maxThreads', Number.POSITIVE_INFINITY],
    ['timeout', 2 ** 31],
    ['timeout', null],
    ['addressFamily', 'inet5'],
    ['blockOnClose', 'no'],
    ['env', 5],
    ['execArgv', '--import'],
    ['execArgv', [1]],
  ])('refuses %s: %s, by name', (name, value) => {
    expect(() => fieldsOf({ [name]: value }, server)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining(`${name} must be `) }),
    )
  })

  it.each(['maxThread', 'serverClose', 'constructor', '__proto__x'])(
    'refuses %s, which is no option',
    (name) => {
      expect(() => fieldsOf({ [name]: 1 } as never, server)).toThrow(`there is no option ${name}`)
    },
  )

  it('refuses what is no option of this server', () => {
    expect(() => fieldsOf({ tls: {} }, server)).toThrow('Object does not have the option tls')
  })

  it('takes no limit for a limit', () => {
    expect(fieldsOf({ requestsPerThread: Number.POSITIVE_INFINITY }, server)).toEqual({
      requestsPerThread: Infinity,
    })
  })
})
