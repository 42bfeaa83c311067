import { isUtf8 } from 'node:buffer'
import { readdir } from 'node:fs/promises'
import { formatRemoteUrl } from '@jftp/client'
import { createNameGlob } from '@jftp/protocol'
import type { LocalFolder } from './local-folder.js'
import { hasMagic } from './magic.js'
import type { RemoteSession } from './remote-session.js'
import { readServerAddress } from './server-address.js'

/** A name in a folder. One that is not UTF-8 can be seen, but not be asked for. */
export interface FolderName {
  readonly name: string
  readonly isUtf8: boolean
}

/** The names in a folder, which is written as in the pattern: '' is the current one. */
export type ReadNames = (folder: string) => Promise<readonly FolderName[]>

export interface GlobMatches {
  /** Sorted. */
  readonly paths: readonly string[]
  /** Paths that match but can't be asked for, because a name in them is not UTF-8. */
  readonly unreachable: readonly string[]
}

/**
 * The paths that match a pattern. `*` and `?` stop at `/`, and only a dot matches a leading dot. A backslash makes
 * the next character literal.
 */
export async function expandGlob(glob: string, readNames: ReadNames): Promise<GlobMatches> {
  let found = [glob.startsWith('/') ? '/' : '']
  const unreachable: string[] = []
  let isMagic = false
  for (const part of glob.split('/').filter((each) => each !== '')) {
    isMagic ||= hasMagic(part)
    if (!isMagic) {
      found = found.map((folder) => join(folder, unescape(part)))
      continue
    }
    const matches = matcherOf(part)
    const next = found.map(async (folder) => {
      const names = (await readNames(folder)).filter(({ name }) => matches(name))
      unreachable.push(...names.filter(({ isUtf8 }) => !isUtf8).map(({ name }) => join(folder, name)))
      return names.filter(({ isUtf8 }) => isUtf8).map(({ name }) => join(folder, name))
    })
    found = (await Promise.all(next)).flat()
  }
  if (!isMagic) return { paths: [], unreachable: [] }
  return { paths: found.sort().map((path) => (glob.endsWith('/') ? `${path}/` : path)), unreachable }
}

export function expandLocal(glob: string, local: LocalFolder): Promise<GlobMatches> {
  return expandGlob(glob, async (folder) => {
    // Nothing matches in a file, or in a folder that may not be read.
    const names = await readdir(local.resolve(folder || '.'), { encoding: 'buffer' }).catch(() => [])
    return names.map((name) => ({ name: name.toString(), isUtf8: isUtf8(name) }))
  })
}

/** `server` is the URL of the server that an absolute pattern belongs to; undefined is the current one. */
export async function expandRemote(
  glob: string,
  server: string | undefined,
  remote: RemoteSession,
  signal: AbortSignal,
): Promise<GlobMatches> {
  const address = server === undefined ? undefined : readServerAddress(server).server
  const inUrl = (path: string) => (address === undefined ? path : formatRemoteUrl({ ...address, path }))
  const { paths, unreachable } = await expandGlob(glob, async (folder) => {
    const { client, path } = await remote.resolve(inUrl(folder || '.'), signal)
    const names: FolderName[] = []
    for await (const entry of client.list(path, { signal })) {
      // A file is listed as itself.
      if (entry.path !== path) names.push({ name: entry.name, isUtf8: entry.rawName === undefined })
    }
    return names
  })
  return { paths: paths.map(inUrl), unreachable }
}

/** A leading dot has to be written, because the names that begin with one are hidden. */
function matcherOf(part: string): (name: string) => boolean {
  const matches = createNameGlob(part)
  const namesHidden = /^\\?\./.test(part)
  return (name) => (namesHidden || !name.startsWith('.')) && matches(name)
}

function unescape(part: string): string {
  return part.replace(/\\(.)/gs, '$1')
}

function join(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`
}
