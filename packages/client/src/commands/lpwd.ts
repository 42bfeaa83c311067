import { defineCommand } from './command.js'
import { printable } from './printable.js'

export const lpwd = defineCommand({
  arguments: [],
  flags: {},
  async run({ local, output }) {
    await output.answer(printable(local.path))
  },
})
