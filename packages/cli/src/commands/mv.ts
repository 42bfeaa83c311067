import { FtpError } from '@jftp/client'
import { defineCommand } from './command.js'
import { FROM_TO, nameTaken, readFromTo } from './from-to.js'
import { forEachRemote } from './remote-each.js'

export const mv = defineCommand({
  ...FROM_TO,
  notes: ['If TO is a folder or ends in /, the files go into it under their own names.'],
  async run(context, args, { force }) {
    const { settings, signal } = context
    const onExists = force ? 'overwrite' : (settings.onExists ?? 'fail')
    if (onExists !== 'overwrite' && onExists !== 'fail') {
      throw new FtpError('usage', `mv can't ${onExists}; use --on-exists overwrite or fail`)
    }
    const { sources, targetOf } = await readFromTo(context, args)
    await forEachRemote(context, sources, async ({ client, path }) => {
      const to = targetOf(path)
      try {
        await client.mv(path, to, { onExists, signal })
      } catch (error) {
        if (!(error instanceof FtpError) || error.code !== 'exists' || onExists === 'overwrite') throw error
        throw nameTaken('mv', to, error)
      }
    })
  },
})
