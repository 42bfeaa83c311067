import { describe, expect, test } from 'vitest'
import { parseNetrc } from './netrc.js'

const ann = { machine: 'host', login: 'ann', password: 'secret' }

describe('a netrc file', () => {
  test.each<[string, object[]]>([
    ['machine host login ann password secret', [ann]],
    ['machine host\n\tlogin ann\n\tpassword secret\n', [ann]],
    ['# a comment\nmachine host # no comment\nlogin ann password secret', [ann]],
    ['machine host login ann password "sec\\"ret #1"', [{ ...ann, password: 'sec"ret #1' }]],
    ['machine host login ann password #secret', [{ ...ann, password: '#secret' }]],
    ['machine host account x login ann password secret port 9021', [ann]],
    [
      'machine a login b password c\r\nmachine host login ann password secret',
      [{ machine: 'a', login: 'b', password: 'c' }, ann],
    ],
    ['macdef init\nmachine x login y password z\n\nmachine host login ann password secret', [ann]],
    ['machine a login b\nmacdef init\ncd x', []],
    ['default login ann password secret', []],
    ['machine host login ann', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(parseNetrc(text)).toEqual(expected)
  })
})
