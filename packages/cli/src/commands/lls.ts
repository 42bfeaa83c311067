import { lstat, readdir, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fromLocalError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { ListedEntry } from '../output/listing.js'
import { kindOf } from '../places/local-folder.js'
import { defineCommand, type FlagValues } from './command.js'
import { formatEntries, lsFlags, sort } from './ls.js'

export const lls = defineCommand({
  arguments: [{ name: 'PATH', takes: 'any', names: [['local']] }],
  flags: lsFlags,
  async run({ local, output }, paths, flags) {
    for (const [index, path] of (paths.length > 0 ? paths : ['.']).entries()) {
      const entries = await listLocal(local.resolve(path), flags)
      if (paths.length > 1) await output.answer(`${index > 0 ? '\n' : ''}${printable(path)}:`)
      for (const line of formatEntries(sort(entries, flags), flags, output)) await output.answer(line)
    }
  },
})

/** A folder's entries; of a file, that one entry. */
async function listLocal(path: string, { all }: FlagValues<typeof lsFlags>): Promise<ListedEntry[]> {
  if ((await kindOf(path)) !== 'folder') return [await entryOf(path, basename(path))]
  const names = (await namesIn(path)).filter((name) => all || !name.startsWith('.'))
  return Promise.all(names.map((name) => entryOf(join(path, name), name)))
}

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
