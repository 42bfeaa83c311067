import { expect, test } from 'vitest'
import { EXIT_CODES } from '../output/exit-code.js'
import { ftpHelp } from './ftp-help.js'

test('ftp --help names every exit code', () => {
  const help = ftpHelp()
  const codes = help
    .slice(help.indexOf('exit codes') + 1)
    .slice(0, 4)
    .join(' ')
  for (const code of new Set([0, ...Object.values(EXIT_CODES), 124, 129, 143])) {
    expect(codes).toMatch(new RegExp(`[ ,]${code}[ ,]`))
  }
})
