import { expect, test } from 'vitest'
import { HistorySearch } from './history-search.js'

const EARLIER = ['put b', 'ls', 'put a', 'put b', 'get \u{1f600}']

test('a search goes from the newest line that has the text to older ones and back, and passes equal ones over', () => {
  const search = new HistorySearch('', EARLIER, 'older')
  const shown = () => [search.prompt, search.found.line]
  expect(shown()).toEqual(["(reverse-i-search)'': ", ''])
  search.narrow('put')
  expect(shown()).toEqual(["(reverse-i-search)'put': ", 'put b'])
  search.step('older')
  expect(shown()).toEqual(["(reverse-i-search)'put': ", 'put a'])
  search.step('older')
  expect(shown()).toEqual(["(reverse-i-search)'put': ", 'put b'])
  search.step('older')
  expect(shown()).toEqual(["(failed reverse-i-search)'put': ", 'put b'])
  search.step('newer')
  expect(shown()).toEqual(["(i-search)'put': ", 'put a'])
})

test('narrowing goes on from the line that is shown, and widening returns to what was found before', () => {
  const search = new HistorySearch('a new line', EARLIER, 'older')
  search.narrow('l')
  expect(search.found).toEqual({ line: 'a new line', column: 6 })
  search.narrow('s')
  expect(search.found).toEqual({ line: 'ls', column: 0 })
  search.narrow('zz')
  expect([search.prompt, search.found.line]).toEqual(["(failed reverse-i-search)'lszz': ", 'ls'])
  search.widen()
  search.widen()
  search.widen()
  search.widen()
  search.widen()
  expect([search.prompt, search.found.line]).toEqual(["(reverse-i-search)'': ", 'a new line'])
})

test('a character is one step, however it is encoded, and one that a terminal would obey is shown as an escape', () => {
  const search = new HistorySearch('', EARLIER, 'older')
  search.narrow('\u{1f600}')
  expect(search.found).toEqual({ line: 'get \u{1f600}', column: 4 })
  search.narrow('\u202e')
  expect(search.prompt).toBe("(failed reverse-i-search)'\u{1f600}\\u202e': ")
  search.widen()
  search.widen()
  expect(search.text).toBe('')
})
