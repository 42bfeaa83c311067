import { FtpError } from '@jftp/client'
import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

export const rm = defineCommand({
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
  flags: {
    force: { spelling: '-f, --force', help: 'do not fail if there is nothing to remove' },
  },
  notes: ["Removes anything but a folder; 'rmdir' removes an empty folder."],
  async run(context, files, { force }) {
    await forEachRemote(context, files, async ({ client, path }) => {
      try {
        await client.rm(path, { signal: context.signal })
      } catch (error) {
        if (!(error instanceof FtpError)) throw error
        if (error.code === 'is-a-directory') {
          throw new FtpError(error.code, 'is a folder; rmdir removes it', { path, cause: error })
        }
        if (!(force && error.code === 'not-found')) throw error
      }
    })
  },
})
