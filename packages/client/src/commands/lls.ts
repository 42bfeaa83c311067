import { lstat, readdir, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fromLocalError } from '../local-error.js'
import { defineCommand } from './command.js'
import type { ListedEntry } from './listing.js'
import { kindOf } from './local-folder.js'
import { formatEntries, lsFlags, sort } from './ls.js'

export const lls = defineCommand({
  arguments: [{ name: 'PATH', takes: 'maybe', names: [['local']] }],
  flags: lsFlags,
  async run({ local, output }, [path = '.'], flags) {
    const place = local.resolve(path)
    const isFolder = (await kindOf(place)) === 'folder'
    const names = isFolder ? await namesIn(place) : []
    const entries = isFolder
      ? await Promise.all(names.map((name) => entryOf(join(place, name), name)))
      : [await entryOf(place, basename(place))]
    const shown = entries.filter((entry) => flags.all || !isFolder || !entry.name.startsWith('.'))
    for (const line of formatEntries(sort(shown, flags), flags, output)) await output.answer(line)
  },
})

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    throw fromLocalError(cause, folder)
  }
}

async function entryOf(path: string, name: string): Promise<ListedEntry> {
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
  const { size, mtimeMs: mtime } = stats
  const mode = stats.mode & 0o7777
  return type === 'link'
    ? { name, type, size, mtime, mode, target: await readlink(path) }
    : { name, type, size, mtime, mode }
}
