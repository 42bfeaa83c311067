import { FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { defineCommand } from './command.js'

export const history = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'N', takes: 'maybe', kinds: [[]] }],
  flags: {},
  notes: [
    'Prints the last N lines, or all. They are kept in $XDG_STATE_HOME/jftp/history for you alone; a line that',
    'begins with a space is not kept. Ctrl-R searches them: each key narrows the search, and Ctrl-R again goes',
    'to an older line.',
  ],
  async run({ history: lines, output }, [count]) {
    if (count !== undefined && !/^\d{1,9}$/.test(count)) {
      throw new FtpError('usage', `N is a number of lines, not '${count}'`)
    }
    const shown = lines.slice(0, count === undefined ? undefined : Number(count)).reverse()
    await output.answer(shown.map(printable))
  },
})
