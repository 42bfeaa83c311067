/**
 * `node pipelined.js get|put URL REMOTE LOCAL`: every file right in one folder to the other side, by the
 * library, on one connection, no call waiting for an earlier one. A program of its own, so that its start
 * counts as that of the other tools does, and its memory can be watched.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type FtpClient } from '@jftp/client'

const [direction, url = '', remote = '', local = ''] = process.argv.slice(2)
await using client = await connect(url)
await (direction === 'put' ? putFolder(client) : getFolder(client))

async function putFolder(client: FtpClient): Promise<void> {
  const names = await readdir(local)
  await Promise.all(names.map((name) => client.put(join(local, name), `${remote}/${name}`)))
}

async function getFolder(client: FtpClient): Promise<void> {
  const transfers: Promise<unknown>[] = []
  for await (const { path, name } of client.list(remote)) {
    transfers.push(client.get(path, join(local, name)))
  }
  await Promise.all(transfers)
}
