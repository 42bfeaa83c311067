import { defineCommand } from './command.js'

export const cd = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'FOLDER', takes: 'maybe', kinds: [['remote-folder']] }],
  flags: {},
  notes: ["'cd -' goes back to the folder before; 'cd' alone goes to the user's home folder."],
  async run({ remote, signal }, [folder]) {
    await remote.changeFolder(folder, signal)
  },
})
