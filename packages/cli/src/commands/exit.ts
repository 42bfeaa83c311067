import { FtpError } from '@jftp/client'
import { defineCommand } from './command.js'

export const exit = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'CODE', takes: 'maybe', kinds: [[]] }],
  flags: {},
  notes: ['CODE is the exit code, from 0 to 255. Without one it is 0.'],
  async run({ leave }, [code = '0']) {
    const number = Number(code)
    if (!/^\d+$/.test(code) || number > 255)
      throw new FtpError('usage', `an exit code is 0 to 255, not '${code}'`)
    leave(number)
  },
})
