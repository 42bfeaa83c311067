import { lstat, readdir, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FtpError, fromLocalError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { kindOf } from '../locations/local-folder.js'
import { throwFailures } from '../output/exit-code.js'
import type { ListedEntry } from '../output/listing.js'
import { defineCommand, type FlagValues } from './command.js'
import { formatEntries, lsFlags, sort } from './ls.js'

export const lls = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'PATH', takes: 'any', kinds: [['local']] }],
  flags: lsFlags,
  async run({ local, output }, paths, flags) {
    const failures: unknown[] = []
    let listed = 0
    for (const path of paths.length > 0 ? paths : ['.']) {
      let entries: LocalEntry[]
      try {
        entries = await listLocal(local.resolve(path), flags)
      } catch (error) {
        failures.push(error)
        continue
      }
      for (const entry of sort(entries, flags)) await output.event({ v: 1, event: 'local-entry', ...entry })
      if (paths.length > 1) await output.answer(`${listed++ > 0 ? '\n' : ''}${printable(path)}:`)
      for (const line of formatEntries(sort(entries, flags), flags, output)) await output.answer(line)
    }
    throwFailures(failures)
  },
})

type LocalEntry = ListedEntry & { readonly path: string }

/** The entries of a folder, or the one entry of a file. */
async function listLocal(path: string, { all }: FlagValues<typeof lsFlags>): Promise<LocalEntry[]> {
  if ((await kindOf(path)) !== 'folder') return [await entryOf(path, basename(path))]
  const names = (await namesIn(path)).filter((name) => all || !name.startsWith('.'))
  const entries = await Promise.all(
    names.map((name) => entryOf(join(path, name), name).catch(ignoreVanished)),
  )
  return entries.filter((entry) => entry !== undefined)
}

/** A name may go away between the look at the folder and the look at the name. */
function ignoreVanished(error: unknown): undefined {
  if (!(error instanceof FtpError && error.code === 'local-not-found')) throw error
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    throw fromLocalError(cause, folder)
  }
}

async function entryOf(path: string, name: string): Promise<LocalEntry> {
  const stats = await lstat(path).catch((cause: unknown) => {
    throw fromLocalError(cause, path)
  })
  const type = stats.isDirectory()
    ? 'directory'
    : stats.isFile()
      ? 'file'
      : stats.isSymbolicLink()
        ? 'link'
        : 'other'
  const { size } = stats
  const mtime = Math.floor(stats.mtimeMs)
  const mode = stats.mode & 0o7777
  return type === 'link'
    ? { path, name, type, size, mtime, mode, target: await readlink(path) }
    : { path, name, type, size, mtime, mode }
}
