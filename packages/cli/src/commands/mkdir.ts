import { FtpError } from '@jftp/client'
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
    await forEachRemote(context, folders, async ({ client, path }) => {
      try {
        await client.mkdir(path, { parents: parents === true, signal: context.signal })
      } catch (error) {
        if (parents || !(error instanceof FtpError) || error.code !== 'exists') throw error
        const message = 'the name is taken; mkdir -p accepts a folder that exists'
        throw new FtpError(error.code, message, { path, cause: error })
      }
    })
  },
})
