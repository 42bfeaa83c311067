import type { FtpClient, RemoteEntry } from '@jftp/client'
import { isRemoteFolder } from '../locations/remote-session.js'
import { throwFailures } from '../output/exit-code.js'
import { type ModeChange, parseModeChange } from '../text/file-mode.js'
import { defineCommand } from './command.js'
import { tellPlan } from './plan.js'
import { runPool } from './pool.js'
import { forEachRemote } from './remote-each.js'
import { filesOf, foldersOf } from './remote-tree.js'

/** Requests that are sent without waiting for answers. */
const IN_FLIGHT = 64

export const chmod = defineCommand({
  dryRun: 'plans',
  arguments: [
    { name: 'MODE', takes: 'one', isNew: true, kinds: [[]] },
    { name: 'FILE', takes: 'some', kinds: [['remote']] },
  ],
  flags: {
    recursive: {
      spelling: '-R, --recursive',
      help: 'also change all that is in folders; links are left alone',
    },
  },
  notes: [
    'MODE is octal like 644, or like u+x, go-w, a=rX or g=u, several joined by commas.',
    'Write a MODE that begins with a dash after --: chmod -- -w FILE.',
  ],
  async run(context, [mode = '', ...files], { recursive }) {
    const change = parseModeChange(mode)
    const { settings, signal } = context
    await forEachRemote(context, files, async (location) => {
      const { client, path } = location
      if (settings.isDryRun) {
        await client.stat(path, { links: 'follow', signal })
        return tellPlan(context, 'chmod', path)
      }
      if (recursive && (await isRemoteFolder(location, signal)))
        return changeTree(client, path, change, signal)
      // An octal mode does not depend on what it was.
      const isOctal = /^\d/.test(mode)
      const entry = isOctal ? { type: 'file' as const } : await client.stat(path, { links: 'follow', signal })
      await client.chmod(path, change(entry), { signal })
    })
  },
})

/** A folder is changed after what is in it, because it may lose the permission to change that. */
async function changeTree(
  client: FtpClient,
  path: string,
  change: ModeChange,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = []
  const changeOne = async (entry: RemoteEntry) => {
    try {
      if (entry.type === 'file' || entry.type === 'directory')
        await client.chmod(entry.path, change(entry), { signal })
    } catch (error) {
      failures.push(error)
    }
  }
  for (const folder of (await foldersOf(client, path, signal, failures)).reverse()) {
    try {
      const files = await filesOf(client, folder.path, signal)
      await runPool(
        files.filter(({ rawName }) => rawName === undefined),
        IN_FLIGHT,
        changeOne,
      )
    } catch (error) {
      failures.push(error)
    }
    signal.throwIfAborted()
    await changeOne(folder)
  }
  throwFailures(failures)
}
