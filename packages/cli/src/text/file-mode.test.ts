import { describe, expect, test } from 'vitest'
import { parseModeChange } from './file-mode.js'

/** What the mode becomes, in octal. */
const change = (text: string, mode: number, type: 'file' | 'directory' = 'file') =>
  parseModeChange(text)({ type, mode }).toString(8)

describe('a mode', () => {
  test.each([
    ['644', 0o777, '644'],
    ['0755', 0, '755'],
    ['2775', 0, '2775'],
    ['u+x', 0o644, '744'],
    ['go-w', 0o666, '644'],
    ['a=r', 0o777, '444'],
    ['u=rwx,g=rx,o=', 0o777, '750'],
    ['+x', 0o644, '755'],
    ['+w', 0o444, '644'],
    ['=r', 0o777, '444'],
    ['-rwx', 0o777, '22'],
    ['g=u', 0o640, '660'],
    ['o=g-w', 0o664, '664'],
    ['u+x-w', 0o644, '544'],
    ['a+X', 0o644, '644'],
    ['a+X', 0o744, '755'],
    ['go=u', 0o700, '777'],
    ['u+x', 0o2644, '2744'],
  ])('%s makes of %o %s', (text, mode, expected) => {
    expect(change(text, mode)).toBe(expected)
  })

  test('gives X to folders', () => {
    expect(change('go=rX', 0o600, 'directory')).toBe('655')
  })

  test.each(['', '8', '77777', 'x', 'u+z', 'u+x,', ',', 'q+x', 'u', 'u+x g-w', '+st', '755,u+x', '-1'])(
    '%j is refused',
    (text) => {
      expect(() => parseModeChange(text)).toThrow(expect.objectContaining({ code: 'usage' }))
    },
  )
})
