import { FtpError } from '@jftp/client'
import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

export const rmdir = defineCommand({
  arguments: [{ name: 'FOLDER', takes: 'some', kinds: [['remote-folder']] }],
  flags: {},
  async run(context, folders) {
    await forEachRemote(context, folders, async ({ client, path }) => {
      try {
        await client.rmdir(path, { signal: context.signal })
      } catch (error) {
        if (!(error instanceof FtpError) || error.code !== 'not-empty') throw error
        const message = 'the folder is not empty; rm -r removes it with all that is in it'
        throw new FtpError(error.code, message, { path, cause: error })
      }
    })
  },
})
