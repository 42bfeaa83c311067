import type { Command } from 'commander'
import { defaultUsersFile } from '../accounts/users-file.js'
import type { UserRecord } from '../accounts/users-schema.js'
import { UsageError } from '../usage-error.js'
import { shortErrors } from './command-errors.js'

/** A command about the users file: `add <NAME>`. */
export function usersSubcommand(program: Command, usage: string, help: string): Command {
  const [name = '', argument] = usage.split(' ')
  const command = shortErrors(program.command(name)).description(help)
  if (argument !== undefined) command.argument(argument)
  const byDefault = process.env['FTPD_USERS'] || defaultUsersFile(process.env)
  return command.option('--users <FILE>', 'the users file (env: FTPD_USERS)', byDefault)
}

export function requireUser(
  users: ReadonlyMap<string, UserRecord> | undefined,
  name: string,
  path: string,
): UserRecord {
  const user = users?.get(name)
  if (user === undefined) throw new UsageError(`there is no user ${JSON.stringify(name)} in ${path}`)
  return user
}

/** Whoever has just changed the file may wonder why it does nothing. */
export function tellOfReload(): void {
  console.error('an ftpd that runs already reads the users again on SIGHUP: kill -HUP PID')
}
