import { printable } from '@jftp/protocol'
import { requireFolder } from '../locations/server-connection.js'
import { defineCommand } from './command.js'

export const pwd = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'FOLDER', takes: 'maybe', kinds: [['remote-folder']] }],
  flags: {},
  notes: ['With FOLDER: its absolute path, if it exists.'],
  async run({ remote, output, settings, signal }, [folder]) {
    const { client, path } = await remote.resolve(folder ?? '.', signal)
    await requireFolder(client, path, signal)
    if (settings.format === 'json') {
      await output.event({ v: 1, event: 'entry', ...(await client.stat(path, { signal })) })
    } else {
      await output.answer(printable(path))
    }
  },
})
