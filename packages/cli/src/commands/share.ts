import { FtpError } from '@jftp/client'
import { kindOf } from '../locations/local-folder.js'
import { type Command, defineCommand } from './command.js'
import { runOneOff } from './one-off.js'
import { oneOffFlags, readOneOffFlags } from './one-off-flags.js'

export const share: Command = defineCommand({
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['local']] }],
  flags: oneOffFlags,
  notes: [
    'Lets somebody on another machine fetch these files and folders once. It serves them and nothing else with TLS,',
    'prints the command for the other side, and ends when everything was fetched. Whoever has the command can fetch',
    'the files until then, and nobody can change them.',
    '  share report.pdf              shares one file',
    '  share photos notes.txt        shares a whole folder and a file',
    '  share --time-limit 10m x.iso  ends after 10 minutes if nobody has begun',
    '  share --qr x.iso              shows the command as a QR code too',
  ],
  async run(context, args, flags) {
    const options = readOneOffFlags(flags)
    const paths = args.map((arg) => context.local.resolve(arg))
    let content: 'file' | 'folder' = 'file'
    for (const path of paths) {
      const kind = await kindOf(path)
      if (kind === 'other') throw new FtpError('local-not-a-file', 'neither a file nor a folder', { path })
      if (kind === 'folder') content = 'folder'
    }
    await runOneOff(context, { type: 'share', paths, content }, options)
  },
})
