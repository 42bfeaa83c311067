import { FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { RemoteLocation } from '../locations/remote-session.js'
import { throwFailures } from '../output/exit-code.js'
import { formatCount } from '../text/quantity.js'
import { defineCommand } from './command.js'
import type { Context } from './context.js'
import { limitHeapGrowth } from './heap-growth.js'
import { tellPlan } from './plan.js'
import { forEachRemote } from './remote-each.js'

export const rm = defineCommand({
  dryRun: 'plans',
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
  flags: {
    recursive: { spelling: '-r, --recursive', help: 'also remove folders with all that is in them' },
    force: { spelling: '-f, --force', help: 'do not fail if there is nothing to remove' },
  },
  notes: ["A link is removed, and what it leads to stays. What can't be removed does not stop the rest."],
  async run(context, files, { recursive, force }) {
    const removal = recursive ? removeTree : removeFile
    const remove = context.settings.isDryRun ? planRemoval(recursive ? 'tree' : 'file') : removal
    await forEachRemote(context, files, async (location) => {
      try {
        await remove(context, location)
      } catch (error) {
        if (!(force && error instanceof FtpError && error.code === 'not-found')) throw error
      }
    })
  },
})

function planRemoval(what: 'file' | 'tree') {
  return async (context: Context, { client, path }: RemoteLocation): Promise<void> => {
    const { type } = await client.stat(path, { signal: context.signal })
    if (type === 'directory' && what === 'file') throw isFolder(path)
    await tellPlan(context, 'delete', path)
  }
}

async function removeFile({ signal }: Context, { client, path }: RemoteLocation): Promise<void> {
  try {
    await client.rm(path, { signal })
  } catch (error) {
    if (!(error instanceof FtpError) || error.code !== 'is-a-directory') throw error
    throw isFolder(path, error)
  }
}

function isFolder(path: string, cause?: FtpError): FtpError {
  const message = 'is a folder; rm -r removes it with all that is in it'
  return new FtpError('is-a-directory', message, { path, cause })
}

async function removeTree({ signal, output }: Context, { client, path }: RemoteLocation): Promise<void> {
  await limitHeapGrowth()
  const { files, folders, failures } = await client.removeTree(path, { signal })
  if (folders > 0)
    output.detail(
      `${printable(path)}: removed ${formatCount(files, 'file')} and ${formatCount(folders, 'folder')}`,
    )
  throwFailures(failures)
}
