import { readdir } from 'node:fs/promises'
import picomatch from 'picomatch'
import type { LocalFolder } from './local-folder.js'
import type { RemoteSession } from './remote-session.js'

/** The names in a folder, given as the glob has it: '' is the current one. */
export type ReadNames = (folder: string) => Promise<readonly string[]>

const DIALECT = { nobrace: true, noextglob: true, nonegate: true, noglobstar: true, posix: true } as const

/**
 * The paths that match, sorted; none where nothing does. `*` and `?` stop at `/`, and a leading dot is
 * matched only by a dot. What is literal in `glob` is escaped with backslashes.
 */
export async function expandGlob(glob: string, readNames: ReadNames): Promise<string[]> {
  let found = [glob.startsWith('/') ? '/' : '']
  let isMagic = false
  for (const part of glob.split('/').filter((each) => each !== '')) {
    isMagic ||= hasMagic(part)
    if (!isMagic) {
      found = found.map((folder) => join(folder, unescape(part)))
      continue
    }
    const matches = picomatch(part, DIALECT)
    const next = found.map(async (folder) =>
      (await readNames(folder)).filter((name) => matches(name)).map((name) => join(folder, name)),
    )
    found = (await Promise.all(next)).flat()
  }
  if (!isMagic) return []
  return found.sort().map((path) => (glob.endsWith('/') ? `${path}/` : path))
}

export function expandLocal(glob: string, local: LocalFolder): Promise<string[]> {
  return expandGlob(glob, async (folder) => {
    // Not a folder, or not ours to read: nothing in it matches.
    return readdir(local.resolve(folder || '.')).catch(() => [])
  })
}

export function expandRemote(glob: string, remote: RemoteSession, signal: AbortSignal): Promise<string[]> {
  return expandGlob(glob, async (folder) => {
    const { client, path } = await remote.resolve(folder || '.', signal)
    const names: string[] = []
    for await (const entry of client.list(path, { signal })) {
      // A file is listed as itself; a name that isn't UTF-8 can't be asked for.
      if (entry.path !== path && entry.rawName === undefined) names.push(entry.name)
    }
    return names
  })
}

function hasMagic(part: string): boolean {
  return /[*?[]/.test(part.replace(/\\./gs, ''))
}

function unescape(part: string): string {
  return part.replace(/\\(.)/gs, '$1')
}

function join(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`
}
