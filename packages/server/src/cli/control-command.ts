import { printableJson } from '@jftp/protocol'
import { Command } from 'commander'
import { ControlClient } from '../control/control-client.js'
import { controlFolder } from '../control/control-folder.js'
import { UsageError } from '../usage-error.js'
import { shortErrors } from './command-errors.js'
import { statusTable } from './status-table.js'
import { watchStatus } from './status-watch.js'

interface Flags {
  readonly control?: string
  readonly once?: boolean
  readonly json?: boolean
}

/** `ftpd status`, `ftpd kick` and `ftpd unban`. Their actions throw UsageError. */
export function controlCommand(): Command {
  const program = shortErrors(new Command('ftpd'))
  withControl(program.command('status'))
    .description(
      'Show who is connected to a running ftpd and what moves. On a terminal it refreshes; q ends it.',
    )
    .option('--once', 'show it once')
    .option('--json', 'print it once, as one JSON object')
    .action(status)
  withControl(program.command('kick'))
    .description(
      'End sessions of a running ftpd. Their clients are told; what they were sending is kept as partials.',
    )
    .argument('<SESSION...>', 'the numbers that ftpd status shows')
    .action(kick)
  withControl(program.command('unban'))
    .description('Let addresses connect again that are banned because of failed logins.')
    .argument('<ADDRESS...>', 'the addresses that ftpd status shows')
    .action(unban)
  return program
}

function withControl(command: Command): Command {
  return shortErrors(command).option(
    '--control <PATH>',
    'the control socket (env: FTPD_CONTROL; default: that of the only ftpd that you run)',
  )
}

async function status(flags: Flags): Promise<void> {
  const client = await clientFor(flags)
  if (flags.json) return console.log(printableJson(JSON.stringify(await client.status())))
  if (process.stdout.isTTY && !flags.once) return await watchStatus(client)
  process.stdout.write(`${statusTable(await client.status(), Date.now()).join('\n')}\n`)
}

async function kick(numbers: readonly string[], flags: Flags): Promise<void> {
  const wrong = numbers.find((number) => !/^[1-9]\d{0,14}$/.test(number))
  if (wrong !== undefined) {
    throw new UsageError(`${JSON.stringify(wrong)} is no session; their numbers are whole: see ftpd status`)
  }
  const client = await clientFor(flags)
  for (const number of numbers) {
    await client.kick(Number(number))
    console.log(`session ${number} is ended`)
  }
}

async function unban(addresses: readonly string[], flags: Flags): Promise<void> {
  const client = await clientFor(flags)
  for (const address of addresses) {
    await client.unban(address)
    console.log(`${address} may connect again`)
  }
}

async function clientFor({ control = process.env['FTPD_CONTROL'] }: Flags): Promise<ControlClient> {
  if (control !== undefined && control !== '' && control !== 'none') return new ControlClient(control)
  return await ControlClient.find(controlFolder(process.env))
}
