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

  it('keeps its causes', () => {
    const system = Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    const error = new Error('no module', { cause: new Error('no file', { cause: system }) })
    expect(copy(error)).toMatchObject({ cause: { message: 'no file', cause: { code: 'EMFILE' } } })
    expect(copy(new Error('alone'))).not.toHaveProperty('cause')
  })

  it('may be its own cause', () => {
    const error: Error = new Error('a circle')
    error.cause = error
    expect(copy(error)).toMatchObject({ message: 'a circle', cause: { message: 'a circle' } })
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
