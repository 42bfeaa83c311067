import { type FtpClient, FtpError } from '@jftp/client'
import { remoteDirname } from '@jftp/protocol'
import { defineCommand } from './command.js'
import type { Context } from './context.js'
import { findEntry, tellPlan } from './plan.js'
import { forEachRemote } from './remote-each.js'

export const mkdir = defineCommand({
  dryRun: 'plans',
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
        if (context.settings.isDryRun) return await plan(context, client, path, parents ? 'all' : 'one')
        await client.mkdir(path, { parents: parents === true, signal: context.signal })
      } catch (error) {
        if (parents || !(error instanceof FtpError) || error.code !== 'exists') throw error
        const message = 'the name is taken; mkdir -p accepts a folder that exists'
        throw new FtpError(error.code, message, { path, cause: error })
      }
    })
  },
})

async function plan(
  context: Context,
  client: FtpClient,
  path: string,
  missing: 'one' | 'all',
): Promise<void> {
  const { signal } = context
  if ((await findEntry(client, path, signal)) !== undefined) {
    if (missing === 'one') throw new FtpError('exists', 'the name is taken', { path })
    return client.checkFolder(path, { signal })
  }
  if (missing === 'one') await client.checkFolder(remoteDirname(path), { signal })
  await tellPlan(context, 'make', path)
}
