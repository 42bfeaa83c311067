import type { RemoteEntry } from '@jftp/client'
import { remoteBasename } from '@jftp/protocol'
import { isRemoteUrl } from '../locations/server-address.js'
import type { ListedEntry } from '../output/listing.js'
import type { Context } from './context.js'

/** What one argument of ls names. */
export interface ListedPath {
  readonly path: string
  readonly type: 'file' | 'folder'
  readonly entries: ListedEntry[]
}

/** Which names are listed: `visible` ones do not begin with a dot. */
export type Selection = 'visible' | 'all'

/** A folder and all folders below it, each before those in it. */
export async function readTree(
  context: Context,
  path: string,
  selection: Selection,
  failures: unknown[],
): Promise<ListedPath[]> {
  const top = await context.remote.resolve(path, context.signal)
  const listings = new Map<string, ListedPath>([[top.path, { path, type: 'folder', entries: [] }]])
  for await (const entry of walkTree(context, path, selection, failures)) {
    if (entry.path === top.path) return [{ path, type: 'file', entries: [{ ...entry, name: path }] }]
    const parent = listings.get(entry.path.slice(0, entry.path.lastIndexOf('/')) || '/')
    parent?.entries.push(entry)
    if (entry.type !== 'directory') continue
    listings.set(entry.path, {
      path: `${parent?.path.replace(/\/$/, '')}/${entry.name}`,
      type: 'folder',
      entries: [],
    })
  }
  return [...listings.values()]
}

export async function readListedPath(
  context: Context,
  path: string,
  selection: Selection,
): Promise<ListedPath> {
  const entries = await collect(walk(context, path, selection))
  const [first] = entries
  // A file is listed as itself, a folder as what is in it.
  if (first?.path !== (await context.remote.resolve(path, context.signal)).path) {
    return { path, type: 'folder', entries }
  }
  return { path, type: 'file', entries: [{ ...first, name: isRemoteUrl(path) ? first.path : path }] }
}

/** All that is in a folder and below it. What can't be read is added to `failures`. */
export async function* walkTree(
  { remote, signal }: Context,
  path: string,
  selection: Selection,
  failures: unknown[],
): AsyncGenerator<RemoteEntry> {
  const location = await remote.resolve(path, signal)
  const hidden = new Set<string>()
  for await (const entry of location.client.find(location.path, { signal })) {
    const parent = entry.path.slice(0, entry.path.lastIndexOf('/'))
    const isHidden =
      selection === 'visible' &&
      entry.path !== location.path &&
      (remoteBasename(entry.path).startsWith('.') || hidden.has(parent))
    if (isHidden && entry.type === 'directory') hidden.add(entry.path)
    if (isHidden) continue
    if (entry.type === 'unreadable') failures.push(entry.error)
    else yield entry
  }
}

export async function collect<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

export async function* walk(
  { remote, signal }: Context,
  path: string,
  selection: Selection,
): AsyncGenerator<RemoteEntry> {
  const location = await remote.resolve(path, signal)
  for await (const entry of location.client.list(location.path, { signal })) {
    if (selection === 'all' || !entry.name.startsWith('.') || entry.path === location.path) yield entry
  }
}
