import type { FtpClient, RemoteEntry } from '@jftp/client'

/** A folder and all folders below it, each before those in it. What can't be read is added to `failures`. */
export async function foldersOf(
  client: FtpClient,
  path: string,
  signal: AbortSignal,
  failures: unknown[],
): Promise<RemoteEntry[]> {
  const folders: RemoteEntry[] = [await client.stat(path, { links: 'follow', signal })]
  for await (const found of client.find(path, { type: 'directory', signal })) {
    if (found.type === 'unreadable') failures.push(found.error)
    else folders.push(found)
  }
  return folders
}

/** What a folder holds besides folders. All of it is read first, because requests wait behind a listing. */
export async function filesOf(
  client: FtpClient,
  folder: string,
  signal: AbortSignal,
): Promise<RemoteEntry[]> {
  const entries: RemoteEntry[] = []
  for await (const entry of client.list(folder, { signal }))
    if (entry.type !== 'directory') entries.push(entry)
  return entries
}
