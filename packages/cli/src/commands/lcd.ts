import { defineCommand } from './command.js'

export const lcd = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'FOLDER', takes: 'maybe', kinds: [['local-folder']] }],
  flags: {},
  notes: ["'lcd -' goes back to the folder before; 'lcd' alone goes to your home folder."],
  async run({ local, output }, [folder = '~']) {
    await local.change(folder)
    await output.event({ v: 1, event: 'local-folder', path: local.path })
  },
})
