import { FtpError } from '@jftp/client'
import { defineCommand } from './command.js'
import { FROM_TO, nameTaken, readFromTo } from './from-to.js'
import { findEntry, tellPlan } from './plan.js'
import { forEachRemote } from './remote-each.js'

export const mv = defineCommand({
  dryRun: 'plans',
  ...FROM_TO,
  notes: ['If TO is a folder or ends in /, the files go into it under their own names.'],
  async run(context, args, { force }) {
    const { settings, signal } = context
    const onExists = force ? 'overwrite' : (settings.onExists ?? 'fail')
    if (onExists !== 'overwrite' && onExists !== 'fail') {
      throw new FtpError(
        'usage',
        `mv does not support --on-exists ${onExists}; use --on-exists overwrite or fail`,
      )
    }
    const { sources, targetOf } = await readFromTo(context, args)
    await forEachRemote(context, sources, async ({ client, path }) => {
      const to = targetOf(path)
      try {
        if (settings.isDryRun) {
          await client.stat(path, { signal })
          const isTaken = onExists === 'fail' && (await findEntry(client, to, signal)) !== undefined
          if (isTaken) throw new FtpError('exists', 'the name is taken', { path: to })
          return await tellPlan(context, 'move', path, { to })
        }
        await client.mv(path, to, { onExists, signal })
      } catch (error) {
        if (!(error instanceof FtpError) || error.code !== 'exists' || onExists === 'overwrite') throw error
        throw nameTaken('mv', to, error)
      }
    })
  },
})
