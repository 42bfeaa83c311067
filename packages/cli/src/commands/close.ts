import { defineCommand } from './command.js'

export const close = defineCommand({
  dryRun: 'runs',
  arguments: [],
  flags: {},
  async run({ remote }) {
    await remote.close()
  },
})
