import { describe, expect, it } from 'vitest'
import { recordError, reviveError } from './error-record.js'

const copy = (error: unknown) => reviveError(structuredClone(recordError(error)))

describe('an error on its way', () => {
  it('keeps class, message, stack and code', () => {
    const error = Object.assign(new RangeError('too much'), { code: 'E_MUCH', callback: () => {} })
    expect(copy(error)).toBeInstanceOf(RangeError)
    expect(copy(error)).toMatchObject({
      name: 'RangeError',
      message: 'too much',
      stack: error.stack,
      code: 'E_MUCH',
    })
  })

  it('keeps the name of a class that is not known there', () => {
    class StorageError extends Error {
      override readonly name = 'StorageError'
    }
    expect(copy(new StorageError('full'))).toMatchObject({ name: 'StorageError', message: 'full' })
  })

  it('is one even if something else was thrown', () => {
    expect(copy('a string').message).toBe("the thrown value is not an Error: 'a string'")
    expect(copy(undefined)).toBeInstanceOf(Error)
  })
})
