import { expect, test } from 'vitest'
import { explainTooFewFiles } from './start-error.js'

test('a start that needs more open files than the limit allows is explained, whatever had to be opened', () => {
  const cause = Object.assign(new Error('open /x'), { code: 'EMFILE' })
  const error = new Error("can't load the handler module", { cause })
  expect(explainTooFewFiles(error)).toMatch(/ulimit -n\) is (\d+|Infinity); raise it/)
  expect(explainTooFewFiles(cause)).toMatch(/ulimit -n/)
  expect(explainTooFewFiles(new Error('no'))).toBeUndefined()
  expect(explainTooFewFiles('no')).toBeUndefined()
})
