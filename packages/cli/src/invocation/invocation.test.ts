import { describe, expect, test } from 'vitest'
import { readInvocation } from './invocation.js'

describe('argv', () => {
  test.each([
    [[], { type: 'shell' }],
    [['files.example'], { type: 'shell', url: 'jftp://files.example' }],
    [['open', 'files.example'], { type: 'shell', url: 'jftp://files.example' }],
    [['-u', 'ls', 'jftp://h/x'], { type: 'shell', url: 'jftp://h/x', flags: { user: 'ls' } }],
    [['nas'], { type: 'shell', url: 'jftp://nas' }],
    [['--version'], { type: 'version' }],
    [['--json', '--version'], { type: 'version' }],
    [['--help'], { type: 'help' }],
    [['-c', 'ls; pwd', 'h.example'], { type: 'batch', text: 'ls; pwd', url: 'jftp://h.example' }],
    [['ls', '-l', 'x'], { type: 'command', name: 'ls', words: ['-l', 'x'] }],
    [
      ['--url', 'jftp://h/', 'put', 'a', '--json'],
      { type: 'command', name: 'put', words: ['--url', 'jftp://h/', 'a', '--json'] },
    ],
    [['--url=jftp://h/', 'dir'], { type: 'command', name: 'dir', words: ['--url=jftp://h/'] }],
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
