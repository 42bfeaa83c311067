import { defineCommand } from './command.js'

export const open = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'URL|BOOKMARK', takes: 'one', kinds: [['bookmark']] }],
  flags: {},
  notes: [
    'URL is jftp://[user@]host[:port]/folder, or just host, host:port or user@host/folder.',
    "BOOKMARK is a name that 'bookmark add' has given to a server.",
    'The connection before is closed when the new one is open.',
  ],
  async run({ remote, output, signal }, [url = '']) {
    await remote.open(url, signal)
    await output.event({ v: 1, event: 'open', url: remote.url ?? '' })
  },
})
