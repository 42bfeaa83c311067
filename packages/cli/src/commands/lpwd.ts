import { printable } from '../text/printable.js'
import { defineCommand } from './command.js'

export const lpwd = defineCommand({
  arguments: [],
  flags: {},
  async run({ local, output }) {
    await output.answer(printable(local.path))
  },
})
