import { FtpError } from '@jftp/client'
import { defineCommand } from './command.js'
import { tellPlan } from './plan.js'
import { forEachRemote } from './remote-each.js'

export const rmdir = defineCommand({
  dryRun: 'plans',
  arguments: [{ name: 'FOLDER', takes: 'some', kinds: [['remote-folder']] }],
  flags: {},
  async run(context, folders) {
    await forEachRemote(context, folders, async ({ client, path }) => {
      try {
        const { settings, signal } = context
        if (!settings.isDryRun) return await client.rmdir(path, { signal })
        await client.checkFolder(path, { signal })
        for await (const _entry of client.list(path, { signal })) {
          throw new FtpError('not-empty', 'the folder is not empty', { path })
        }
        await tellPlan(context, 'delete', path)
      } catch (error) {
        if (!(error instanceof FtpError) || error.code !== 'not-empty') throw error
        const message = 'the folder is not empty; rm -r removes it with all that is in it'
        throw new FtpError(error.code, message, { path, cause: error })
      }
    })
  },
})
