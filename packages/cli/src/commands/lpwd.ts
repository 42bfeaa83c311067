import { printable } from '@jftp/protocol'
import { defineCommand } from './command.js'

export const lpwd = defineCommand({
  dryRun: 'runs',
  arguments: [],
  flags: {},
  async run({ local, output }) {
    await output.answer(printable(local.path))
    await output.event({ v: 1, event: 'local-folder', path: local.path })
  },
})
