import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

export const mkdir = defineCommand({
  arguments: [{ name: 'FOLDER', takes: 'some', isNew: true, kinds: [['remote-folder']] }],
  flags: {
    parents: {
      spelling: '-p, --parents',
      help: 'make missing parents too, and accept a folder that exists',
    },
  },
  async run(context, folders, { parents }) {
    await forEachRemote(context, folders, ({ client, path }) =>
      client.mkdir(path, { parents: parents === true, signal: context.signal }),
    )
  },
})
