import { FtpError } from '@jftp/client'
import { defineCommand } from './command.js'
import { findEntry, tellPlan } from './plan.js'
import { readPointInTime } from './point-in-time.js'
import { forEachRemote } from './remote-each.js'

export const touch = defineCommand({
  dryRun: 'plans',
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
  flags: {
    noCreate: { spelling: '-c, --no-create', help: 'do not make files that are missing' },
    date: {
      spelling: '-d, --date',
      value: 'TIME',
      help: 'set this time: 2026-01-31, 2026-01-31T14:30, 2026-01-31T14:30:00Z, or 7d for 7 days ago',
    },
  },
  notes: ['Sets the time of the last change. A file that is missing is made empty.'],
  async run(context, files, { noCreate, date }) {
    const mtime = date === undefined ? undefined : readPointInTime('--date', date)
    const { settings, signal } = context
    await forEachRemote(context, files, async ({ client, path }) => {
      if (settings.isDryRun) {
        const isThere = (await findEntry(client, path, signal)) !== undefined
        if (isThere || !noCreate) await tellPlan(context, isThere ? 'touch' : 'make', path)
        return
      }
      try {
        await client.touch(path, { mtime, create: noCreate !== true, signal })
      } catch (error) {
        if (!(noCreate && error instanceof FtpError && error.code === 'not-found')) throw error
      }
    })
  },
})
