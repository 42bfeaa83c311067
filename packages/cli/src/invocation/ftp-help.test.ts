import { expect, test } from 'vitest'
import { explain } from '../commands/help.js'
import { COMMAND_ROWS } from '../commands/table.js'
import { EXIT_CODES } from '../output/exit-code.js'
import { displayWidth } from '../text/display-width.js'
import { ftpHelp } from './ftp-help.js'

test('ftp --help names every exit code', () => {
  const help = ftpHelp(80)
  const from = help.indexOf('exit codes') + 1
  const codes = help.slice(from, help.indexOf('', from)).join(' ')
  for (const code of new Set([0, ...Object.values(EXIT_CODES), 124, 129, 143])) {
    expect(codes).toMatch(new RegExp(`[ ,]${code}[ ,]`))
  }
})

test.each([80, 100])('no line of help is wider than %d columns', async (width) => {
  const lines = ftpHelp(width)
  for (const row of COMMAND_ROWS) lines.push(...(await explain(row, width)))
  expect(lines.filter((line) => displayWidth(line) > width)).toEqual([])
})
