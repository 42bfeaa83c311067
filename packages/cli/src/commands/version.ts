import { productVersion } from '../product-version.js'
import { defineCommand } from './command.js'

export const version = defineCommand({
  arguments: [],
  flags: {},
  async run({ output }) {
    await output.answer(productVersion())
  },
})
