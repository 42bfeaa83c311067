import { mkdir, realpath, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { readPrivateFile, renameDurably, writePrivateFile } from '../private-file.js'
import { UsageError } from '../usage-error.js'
import { withLock } from './file-lock.js'
import { type UserRecord, type Users, usersFileSchema } from './users-schema.js'

/** Far more than any users file needs: 16 MiB. */
const MAX_SIZE = 16 * 1024 * 1024

/** Where the users are if nobody says otherwise. */
export function defaultUsersFile(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'jftp', 'users.json')
}

/**
 * Reads the users. Undefined if there is no such file. Throws UsageError if the file is malformed, or if others than
 * its owner may read or change it.
 */
export async function readUsersFile(path: string): Promise<Users | undefined> {
  const content = await readPrivateFile(path, `the users file ${path}`, MAX_SIZE)
  return content === undefined ? undefined : parseUsers(path, content.toString())
}

/** Replaces the file by one with other users, in one step. Two changes at once wait for each other. Throws UsageError. */
export async function changeUsersFile(
  path: string,
  change: (users: Map<string, UserRecord>) => void | Promise<void>,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    // If the path is a link, the file that it leads to is replaced, and not the link.
    const target = await realpath(path).catch(() => path)
    await withLock(`${target}.lock`, async () => {
      const users = new Map(await readUsersFile(target))
      await change(users)
      const text = `${JSON.stringify({ version: 1, users: [...users.values()] }, undefined, 2)}\n`
      // What this writes must be what it can read.
      parseUsers(target, text)
      await replace(target, text)
    })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    throw new UsageError(
      `can't change the users file ${path} (${code}); check the owner and mode of its folder, and the room on its disk`,
    )
  }
}

function parseUsers(path: string, text: string): Users {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`the users file ${path} is not JSON: ${messageOf(error)}`)
  }
  const parsed = v.safeParse(usersFileSchema, json)
  if (parsed.success) return new Map(parsed.output.users.map((user) => [user.name, user]))
  const [issue] = parsed.issues
  const where = v.getDotPath(issue)
  const what = issue.type === 'strict_object' ? 'is not known' : issue.message
  throw new UsageError(`the users file ${path} is malformed: ${where ?? 'it'} ${what}`)
}

/** V8 quotes what it could not parse, which may be a secret. Only the place is told. */
function messageOf(error: unknown): string {
  const [place] =
    /(?:at position \d+|line \d+ column \d+|Unexpected end of JSON input)/.exec(String(error)) ?? []
  return place ?? 'it is malformed'
}

/** A reader sees the old file or the new one, whole, also after a loss of power. */
async function replace(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.new`
  await rm(next, { force: true })
  try {
    await writePrivateFile(next, text)
    await renameDurably(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
}
