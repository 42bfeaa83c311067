import { kindOf, notAFolder } from '../locations/local-folder.js'
import { type Command, defineCommand } from './command.js'
import { runOneOff } from './one-off.js'
import { oneOffFlags, readOneOffFlags } from './one-off-flags.js'

export const receive: Command = defineCommand({
  arguments: [{ name: 'DIR', takes: 'maybe', kinds: [['local-folder']] }],
  flags: oneOffFlags,
  notes: [
    'Lets somebody on another machine store files and folders in DIR once; without it, in the current folder. It',
    'listens with TLS, prints the command for the other side, and ends when that has stored everything. Nobody can',
    'list, read or change what is in DIR, and a name that is taken is refused.',
    '  receive                 receives into the current folder',
    '  receive inbox           receives into the folder inbox',
    '  receive --port 9100     listens on a port that the firewall lets through',
  ],
  async run(context, [folder = '.'], flags) {
    const options = readOneOffFlags(flags)
    const path = context.local.resolve(folder)
    if ((await kindOf(path)) !== 'folder') throw notAFolder(path)
    await runOneOff(context, { type: 'receive', folder: path }, options)
  },
})
