import { printable } from '@jftp/protocol'
import { Command } from 'commander'
import { hashPassword } from '../accounts/password-hash.js'
import { changeUsersFile, readUsersFile } from '../accounts/users-file.js'
import { isUserName, USER_NAME_RULE, type UserRecord } from '../accounts/users-schema.js'
import { UsageError } from '../usage-error.js'
import { PERMISSIONS } from '../visitors/permissions.js'
import { type AccountFlags, accountFlags, readAccountFlags, showRules } from './account-flags.js'
import { shortErrors } from './command-errors.js'
import { addKeys, keyFacts, readKeyFiles, removeKey } from './key-flags.js'
import { type PasswordSource, readNewPassword } from './secret-input.js'
import { requireUser, tellOfReload, usersSubcommand } from './users-subcommand.js'

interface Flags extends PasswordSource, AccountFlags {
  readonly users: string
  readonly password?: boolean
  /** Of `add`. */
  readonly key?: readonly string[]
  /** Of `set`. */
  readonly addKey?: readonly string[]
  readonly removeKey?: readonly string[]
}

/** `ftpd user …`: changes the users file, or shows what is in it. Its actions throw UsageError. */
export function userCommand(): Command {
  const program = shortErrors(new Command('ftpd user'))
    .description('Say who may log in. A running ftpd reads the file again on SIGHUP.')
    .addHelpText('after', NOTES)
  accountFlags(passwordFlags(usersSubcommand(program, 'add <NAME>', 'add a user')))
    .option('--key <FILE>', `${KEY_HELP}; without a password option, the user then has no password`, collect)
    .action((name: string, flags: Flags) => add(name, flags))
  passwordFlags(usersSubcommand(program, 'passwd <NAME>', 'give a user another password')).action(
    (name: string, flags: Flags) => changePassword(name, flags),
  )
  accountFlags(usersSubcommand(program, 'set <NAME>', 'change what a user may do, and the keys of the user'))
    .option('--add-key <FILE>', KEY_HELP, collect)
    .option(
      '--remove-key <FINGERPRINT|COMMENT>',
      'remove a key, as ftpd user list shows it; may be given more than once',
      collect,
    )
    .action((name: string, flags: Flags) => set(name, flags))
  usersSubcommand(program, 'remove <NAME>', 'remove a user; the files stay').action(
    (name: string, flags: Flags) => remove(name, flags),
  )
  usersSubcommand(program, 'list', 'show all users')
    .option('--json', 'print one JSON object for each user')
    .action((flags: Flags & { json?: boolean }) => list(flags.users, flags.json ? 'json' : 'text'))
  return program
}

const KEY_HELP =
  'SSH keys that the user may log in by: a file like id_ed25519.pub or authorized_keys, or - for stdin; may be given more than once'

const NOTES = `
A password is asked for on the terminal, or comes from one of the options. It is never an argument, because everybody
on the machine can see the arguments of a command.
`

function passwordFlags(command: Command): Command {
  return command
    .option('--password-stdin', 'read the password from stdin')
    .option('--password-file <FILE>', 'read the password from a file')
    .option('--password-command <COMMAND>', 'run a command that prints the password')
    .option('--no-password', 'let the user log in only by other means')
}

async function add(name: string, flags: Flags): Promise<void> {
  if (!isUserName(name)) throw new UsageError(`${JSON.stringify(name)}: ${USER_NAME_RULE}`)
  const account = readAccountFlags(flags)
  // It is looked up before the password is asked for, and again when the file is changed.
  if ((await readUsersFile(flags.users))?.has(name)) throw exists(name)
  const keys = await readKeyFiles(flags.key ?? [])
  const password = keys.length > 0 && !isPasswordGiven(flags) ? undefined : await newPassword(name, flags)
  await changeUsersFile(flags.users, (users) => {
    if (users.has(name)) throw exists(name)
    users.set(name, { name, ...DEFAULTS, ...account, password, keys })
  })
  console.log(`added ${name} to ${flags.users}`)
  tellOfReload()
}

function isPasswordGiven({ password, passwordStdin, passwordFile, passwordCommand }: Flags): boolean {
  return (
    password === false || [passwordStdin, passwordFile, passwordCommand].some((each) => each !== undefined)
  )
}

const DEFAULTS: Pick<UserRecord, 'home' | 'permissions' | 'tokens' | 'keys'> = {
  home: '/',
  tokens: [],
  keys: [],
  permissions: [{ path: '/', allows: [...PERMISSIONS] }],
}

async function changePassword(name: string, flags: Flags): Promise<void> {
  requireUser(await readUsersFile(flags.users), name, flags.users)
  const password = await newPassword(name, flags)
  await changeUsersFile(flags.users, (users) => {
    users.set(name, { ...requireUser(users, name, flags.users), password })
  })
  console.log(password === undefined ? `${name} has no password any more` : `${name} has a new password`)
  tellOfReload()
}

async function newPassword(name: string, flags: Flags): Promise<UserRecord['password']> {
  return flags.password === false ? undefined : hashPassword(await readNewPassword(name, flags))
}

async function set(name: string, flags: Flags): Promise<void> {
  const account = readAccountFlags(flags)
  const added = await readKeyFiles(flags.addKey ?? [])
  const removed = flags.removeKey ?? []
  if (Object.keys(account).length + added.length + removed.length === 0)
    throw new UsageError('nothing to set; see ftpd user set --help')
  await changeUsersFile(flags.users, (users) => {
    const user = requireUser(users, name, flags.users)
    const keys = addKeys(removed.reduce(removeKey, user.keys), added)
    users.set(name, { ...user, ...account, keys })
  })
  console.log(`changed ${name}`)
  tellOfReload()
}

async function remove(name: string, flags: Flags): Promise<void> {
  await changeUsersFile(flags.users, (users) => {
    requireUser(users, name, flags.users)
    users.delete(name)
  })
  console.log(`removed ${name}`)
  tellOfReload()
}

async function list(path: string, format: 'json' | 'text'): Promise<void> {
  for (const user of (await readUsersFile(path))?.values() ?? []) {
    const { password, tokens, keys, ...account } = user
    const has = { hasPassword: password !== undefined, tokens: tokens.length, keys: keys.map(keyFacts) }
    const facts = { ...account, ...has }
    console.log(format === 'json' ? JSON.stringify(facts) : describe(user))
  }
}

function describe(user: UserRecord): string {
  const { name, home, permissions, password, tokens, keys, limitRate, maxSessions, quota } = user
  return [
    `${name}  home ${home}  ${showRules(permissions)}`,
    ...(password === undefined ? ['no password'] : []),
    ...(tokens.length === 0 ? [] : [`tokens: ${tokens.length}`]),
    ...keys
      .map(keyFacts)
      .map(({ fingerprint, comment }) => `key ${printable(`${fingerprint} ${comment}`.trimEnd())}`),
    ...(limitRate === undefined ? [] : [`${limitRate} bytes/s`]),
    ...(quota === undefined ? [] : [`quota: ${quota} bytes`]),
    ...(maxSessions === undefined ? [] : [`sessions: ${maxSessions}`]),
  ].join('  ')
}

/** Of an option that may be given more than once. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function exists(name: string): UsageError {
  return new UsageError(`the user ${name} exists already; see ftpd user passwd and ftpd user set`)
}
