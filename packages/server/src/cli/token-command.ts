import { Command } from 'commander'
import { createToken, isOver } from '../accounts/token.js'
import { changeUsersFile, readUsersFile } from '../accounts/users-file.js'
import type { TokenRecord } from '../accounts/users-schema.js'
import { UsageError } from '../usage-error.js'
import { allowFlag, readRules, showRules } from './account-flags.js'
import { shortErrors } from './command-errors.js'
import { duration } from './duration.js'
import { requireUser, tellOfReload, usersSubcommand } from './users-subcommand.js'

interface Flags {
  readonly users: string
  readonly expires: string
  readonly allow?: readonly string[]
  readonly note?: string
  readonly json?: boolean
}

/** `ftpd token …`: tokens are for programs, and may do less than their user. Its actions throw UsageError. */
export function tokenCommand(): Command {
  const program = shortErrors(new Command('ftpd token')).description(
    'Tokens let programs log in as a user. A running ftpd reads the users file again on SIGHUP.',
  )
  allowFlag(usersSubcommand(program, 'add <USER>', 'make a token and print it, this once'))
    .option('--expires <TIME>', 'how long it is good for: 30d, 12h, 90m, or never', '90d')
    .option('--note <TEXT>', 'what it is for, for ftpd token list')
    .option('--json', 'print one JSON object')
    .action((name: string, flags: Flags) => add(name, flags))
  usersSubcommand(program, 'list [USER]', 'show all tokens, or those of a user')
    .option('--json', 'print one JSON object for each token')
    .action((name: string | undefined, flags: Flags) => list(name, flags))
  usersSubcommand(program, 'remove <ID>', 'remove a token').action((id: string, flags: Flags) =>
    remove(id, flags),
  )
  return program
}

async function add(name: string, { users: path, expires: time, allow, note, json }: Flags): Promise<void> {
  const { secret, record } = createToken()
  const expires = time === 'never' ? undefined : new Date(Date.now() + lifetime(time)).toISOString()
  const permissions = allow === undefined ? undefined : readRules('--allow', allow)
  const token: TokenRecord = { ...record, note, expires, permissions }
  await changeUsersFile(path, (users) => {
    const user = requireUser(users, name, path)
    users.set(name, { ...user, tokens: [...user.tokens, token] })
  })
  if (json) return console.log(JSON.stringify({ token: secret, id: token.id, user: name, expires }))
  tellOfReload()
  console.error(`token ${token.id} of ${name}, ${expiry(token)}; it is shown only now:`)
  console.log(secret)
}

function lifetime(text: string): number {
  const ms = duration('--expires', text)
  if (ms > 0) return ms
  throw new UsageError(`--expires ${text}: a time such as 30d, or never, is needed`)
}

async function list(name: string | undefined, { users: path, json }: Flags): Promise<void> {
  const users = await readUsersFile(path)
  if (name !== undefined) requireUser(users, name, path)
  for (const user of users?.values() ?? []) {
    if (name !== undefined && user.name !== name) continue
    for (const token of user.tokens) {
      const { hash: _hash, ...facts } = token
      if (json) console.log(JSON.stringify({ ...facts, user: user.name }))
      else console.log(describe(user.name, token))
    }
  }
}

function describe(user: string, token: TokenRecord): string {
  const { id, note, permissions } = token
  const may = permissions === undefined ? 'all that the user may do' : showRules(permissions)
  return [id, user, expiry(token), may, ...(note === undefined ? [] : [JSON.stringify(note)])].join('  ')
}

function expiry(token: TokenRecord): string {
  if (token.expires === undefined) return 'good for ever'
  return isOver(token) ? `expired at ${token.expires}` : `good until ${token.expires}`
}

async function remove(id: string, { users: path }: Flags): Promise<void> {
  await changeUsersFile(path, (users) => {
    const user = [...users.values()].find(({ tokens }) => tokens.some((token) => token.id === id))
    if (user === undefined) throw new UsageError(`there is no token ${JSON.stringify(id)} in ${path}`)
    users.set(user.name, { ...user, tokens: user.tokens.filter((token) => token.id !== id) })
  })
  console.log(`removed the token ${id}`)
  tellOfReload()
}
