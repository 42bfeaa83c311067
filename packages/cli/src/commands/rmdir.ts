import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

export const rmdir = defineCommand({
  arguments: [{ name: 'FOLDER', takes: 'some', kinds: [['remote-folder']] }],
  flags: {},
  async run(context, folders) {
    await forEachRemote(context, folders, ({ client, path }) =>
      client.rmdir(path, { signal: context.signal }),
    )
  },
})
