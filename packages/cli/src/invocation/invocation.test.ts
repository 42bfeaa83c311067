import { describe, expect, test } from 'vitest'
import { readInvocation } from './invocation.js'

describe('argv', () => {
  test.each([
    [[], { is: 'shell' }],
    [['files.example'], { is: 'shell', url: 'jftp://files.example' }],
    [['open', 'files.example'], { is: 'shell', url: 'jftp://files.example' }],
    [['-u', 'ls', 'jftp://h/x'], { is: 'shell', url: 'jftp://h/x', flags: { user: 'ls' } }],
    [['nas'], { is: 'shell', url: 'jftp://nas' }],
    [['--version'], { is: 'version' }],
    [['--json', '--version'], { is: 'version' }],
    [['--help'], { is: 'help' }],
    [['-c', 'ls; pwd', 'h.example'], { is: 'batch', text: 'ls; pwd', url: 'jftp://h.example' }],
    [['ls', '-l', 'x'], { is: 'command', name: 'ls', words: ['-l', 'x'] }],
    [
      ['--url', 'jftp://h/', 'put', 'a', '--json'],
      { is: 'command', name: 'put', words: ['--url', 'jftp://h/', 'a', '--json'] },
    ],
    [['--url=jftp://h/', 'dir'], { is: 'command', name: 'dir', words: ['--url=jftp://h/'] }],
  ])('%j', (argv, expected) => {
    expect(readInvocation(argv)).toMatchObject(expected)
  })

  test.each([
    [['puut'], "no command 'puut'; did you mean 'put'?"],
    [['frobnicate', 'x'], "no command 'frobnicate'; 'help' lists them"],
    [['--jsn'], "no flag '--jsn'; did you mean '--json'?"],
    [['host.example', 'other.example'], "'other.example' is one argument too many"],
  ])('%j is refused', (argv, message) => {
    expect(() => readInvocation(argv)).toThrow(message)
  })
})
