import { FtpError } from '@jftp/client'
import { expect, test } from 'vitest'
import { describe as describeFailure } from './failure.js'

test.each([
  ['/a', 'no such file', '/a: no such file'],
  ['/a', '/a: no such file', '/a: no such file'],
  ['/a', 'the folder of /a is gone', 'the folder of /a is gone'],
  ['/', 'not a file', '/: not a file'],
  ['/', '/: cancelled', '/: cancelled'],
  ['/', "waited for the answer to 'ls' of /; try again", "waited for the answer to 'ls' of /; try again"],
  ['/', 'jftp://host/ is away', '/: jftp://host/ is away'],
  [undefined, 'evil\u001b[31m', 'evil\\e[31m'],
])('about %j, %j is told once', (path, message, text) => {
  expect(describeFailure(new FtpError('not-found', message, { path }))).toBe(text)
})
