import { defineCommand } from './command.js'

export const close = defineCommand({
  arguments: [],
  flags: {},
  async run({ remote }) {
    await remote.close()
  },
})
