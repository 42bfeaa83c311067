import { describe, expect, test } from 'vitest'
import { readInvocation } from './invocation.js'

describe('argv', () => {
  test.each([
    [[], { type: 'shell' }],
    [['files.example'], { type: 'shell', server: 'files.example' }],
    [['open', 'files.example'], { type: 'shell', server: 'files.example' }],
    [['-u', 'ls', 'jftp://h/x'], { type: 'shell', server: 'jftp://h/x', flags: { user: 'ls' } }],
    [['nas'], { type: 'shell', server: 'nas' }],
    [['--version'], { type: 'version' }],
    [['--json', '--version'], { type: 'version', flags: { json: true } }],
    [['-V'], { type: 'version' }],
    [['-h'], { type: 'help' }],
    [['puut'], { type: 'shell', server: 'puut' }],
    [['nas', '--json'], { type: 'shell', server: 'nas' }],
    [['-c', 'ls', '-c', 'pwd', 'nas'], { type: 'batch', lines: ['ls', 'pwd'], server: 'nas' }],
    [['--help'], { type: 'help' }],
    [['-c', 'ls; pwd', 'h.example'], { type: 'batch', lines: ['ls; pwd'], server: 'h.example' }],
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
    [['puut', 'x'], "no command 'puut'; did you mean 'put'?"],
    [['lss', '-l', 'x'], "no command 'lss'; did you mean 'ls'?"],
    [['--tries', '0', 'put', 'x'], "no flag '--tries'"],
    [['--tries', '0', 'frobnicate', 'x'], "no flag '--tries'"],
    [['frobnicate', 'x'], "no command 'frobnicate'; 'help' lists them"],
    [['--jsn'], "no flag '--jsn'; did you mean '--json'?"],
    [['host.example', 'other.example'], "'other.example' is one argument too many"],
  ])('%j is refused', (argv, message) => {
    expect(() => readInvocation(argv)).toThrow(message)
  })
})
