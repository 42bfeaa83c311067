import { defineCommand } from './command.js'

export const lcd = defineCommand({
  arguments: [{ name: 'FOLDER', takes: 'maybe', names: [['local']] }],
  flags: {},
  notes: ["'lcd' alone goes to your home folder."],
  async run({ local }, [folder = '~']) {
    await local.change(folder)
  },
})
