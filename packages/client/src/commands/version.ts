import { defineCommand } from './command.js'
import { productVersion } from './product-version.js'

export const version = defineCommand({
  arguments: [],
  flags: {},
  async run({ output }) {
    await output.answer(productVersion())
  },
})
