import { productVersion, versionNumber } from '../product-version.js'
import { defineCommand } from './command.js'

export const version = defineCommand({
  dryRun: 'runs',
  arguments: [],
  flags: {},
  async run({ output }) {
    await output.answer(productVersion())
    await output.event({ v: 1, event: 'version', version: versionNumber() })
  },
})
