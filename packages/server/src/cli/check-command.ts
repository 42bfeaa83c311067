import { type Command, Option } from 'commander'
import { Accounts } from '../accounts/accounts.js'
import { loadCertificate } from '../tls/certificate.js'
import { UsageError } from '../usage-error.js'
import { about, resolveConfig } from './config.js'
import { type GivenOption, type GivenOptions, locate, type Origin, readOptions } from './given-options.js'
import { optionsCommand } from './options.js'

/**
 * `ftpd check`: checks what a daemon would be started with, and prints what would be in force and where it comes from.
 * Throws UsageError and CommanderError.
 */
export async function runCheck(argv: readonly string[]): Promise<void> {
  const program = checkCommand()
  // So it is a choice of how to print the mistakes as well, also that of an option that is unknown.
  const isJson = argv.includes('--json')
  try {
    const options = await readOptions(argv, program)
    const settings = await inForce(options)
    if (isJson) console.log(JSON.stringify({ v: 1, ok: true, settings }))
    else for (const line of table(settings)) console.log(line)
  } catch (error) {
    if (isJson && error instanceof UsageError)
      console.log(JSON.stringify({ v: 1, ok: false, error: error.message }))
    throw error
  }
}

export function checkCommand(): Command {
  return optionsCommand()
    .name('ftpd check')
    .description(DESCRIPTION)
    .usage('[options] [ROOT]')
    .addOption(new Option('--json', 'print one JSON object'))
}

// One line for each paragraph, because commander wraps them at the width of the terminal.
const DESCRIPTION = [
  'Check the options, the variables and the configuration file that a daemon would be started with, and print what would be in force, and where each value comes from. It exits with 2 if something is wrong.',
  'The file is in TOML. Its keys are the options below without the dashes, root, and the tables hooks and exec, which docs/OPERATIONS.md explains:',
  ['  root = "/srv/files"', '  max-connections = 500', '  limit-rate = "10M"', '  keep-digests = false'].join(
    '\n',
  ),
  'An option of the command line wins over its variable, and that over the file.',
].join('\n\n')

async function inForce(options: GivenOptions): Promise<GivenOption[]> {
  try {
    const config = await resolveConfig(options.raw)
    const accounts = await about('users', () => Accounts.open(config.accounts))
    const { tls } = config
    // A self-signed certificate is made when the daemon starts.
    if (tls.type === 'files') await about('tls', () => loadCertificate(tls))
    const known = new Map<string, string>([
      ['root', config.root],
      ['users', config.accounts.usersFile],
      ['anonymous', accounts.anonymousAccess],
      ['tls', tls.type === 'files' ? `${tls.cert},${tls.key}` : tls.type],
      ['log-format', config.logFormat],
    ])
    const value = ({ key, value }: GivenOption) => known.get(key) ?? value ?? byDefault(key)
    return options.list.map((option) => ({ ...option, value: value(option) }))
  } catch (error) {
    throw locate(error, options)
  }
}

/** An option without a fixed default has one in words in its help, or there is nothing if it is not given. */
function byDefault(key: string): string {
  const row = optionsCommand().options.find((option) => option.name() === key)
  return /\(default: (.*)\)/.exec(row?.description ?? '')?.[1] ?? 'none'
}

function table(settings: readonly GivenOption[]): string[] {
  const keyWidth = Math.max(...settings.map(({ key }) => key.length))
  const valueWidth = Math.max(...settings.map(({ value }) => String(value).length))
  return settings.map(
    ({ key, value, origin }) =>
      `${key.padEnd(keyWidth)}  ${String(value).padEnd(valueWidth)}  ${originText(key, origin)}`,
  )
}

function originText(key: string, origin: Origin): string {
  switch (origin.type) {
    case 'default':
      return 'default'
    case 'option':
      return key === 'root' ? 'argument' : `--${key}`
    case 'variable':
      return origin.name
    case 'file':
      return `${origin.path}:${origin.line}`
  }
}
