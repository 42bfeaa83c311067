import { versionIn, writeManual } from '../../../manual-page.js'

/* Makes man/ftpd.8 from the options and subcommands, which commander holds. */

// Defaults that depend on the environment are shown as they are in general.
for (const name of Object.keys(process.env)) if (name.startsWith('FTPD_')) delete process.env[name]
process.env.XDG_CONFIG_HOME = '$XDG_CONFIG_HOME'

const [{ optionsCommand }, { checkCommand }, { controlCommand }, ...others] = await Promise.all([
  import('../dist/cli/options.js'),
  import('../dist/cli/check-command.js'),
  import('../dist/cli/control-command.js'),
  import('../dist/cli/user-command.js').then(({ userCommand }) => userCommand()),
  import('../dist/cli/token-command.js').then(({ tokenCommand }) => tokenCommand()),
  import('../dist/cli/fingerprint-command.js').then(({ fingerprintCommand }) => fingerprintCommand()),
])
const [user, token, fingerprint] = others
const serve = optionsCommand()
const check = checkCommand()

/** Every subcommand, with its full name. */
const subcommands = [
  ...user.commands.map((command) => [`ftpd user ${command.name()}`, command]),
  ...token.commands.map((command) => [`ftpd token ${command.name()}`, command]),
  ['ftpd fingerprint', fingerprint],
  ...controlCommand().commands.map((command) => [`ftpd ${command.name()}`, command]),
]

const SIGNALS = [
  [
    'SIGTERM, SIGINT',
    'Accept nobody else, let transfers under way finish within --grace, and exit with 0. A second one ends at once.',
  ],
  [
    'SIGHUP',
    'Read the configuration file, the users and the certificate again. If something is wrong, the old settings stay and the log says why.',
  ],
]

const EXITS = [
  ['0', 'It was stopped by a signal, or the command is done.'],
  [
    '1',
    'It could not serve, for example because the address is taken; or status, kick or unban found no ftpd, no such session or no such ban.',
  ],
  [
    '2',
    'An option, a variable, the configuration file or the users file is wrong, or there is no such user.',
  ],
  ['130, 143', 'A second SIGINT or SIGTERM came while it was stopping, and ended it at once.'],
]

const FILES = [
  ['$XDG_CONFIG_HOME/jftp/users.json', 'The users, if --users does not name another file.'],
  ['$XDG_STATE_HOME/jftp/certificate.pem', 'The certificate and the key that --tls auto makes.'],
  [
    'ROOT/.jftp',
    'What is being received, partial files, kept digests and the events of the webhook. Clients do not see it.',
  ],
]

writeManual(
  new URL('../man/', import.meta.url),
  {
    name: 'ftpd',
    section: 8,
    summary: 'serve a folder to ftp(1), every transfer checked end to end',
    version: versionIn(new URL('../package.json', import.meta.url)),
    parts: [
      {
        title: 'SYNOPSIS',
        blocks: [
          {
            type: 'lines',
            lines: [`ftpd ${serve.usage()}`, `ftpd check ${check.usage()}`, ...subcommands.map(synopsis)],
          },
        ],
      },
      { title: 'DESCRIPTION', blocks: description() },
      {
        title: 'OPTIONS',
        blocks: [...serve.registeredArguments.map(argumentItem), ...serve.options.map(optionItem)],
      },
      {
        title: 'COMMANDS',
        blocks: [
          { type: 'heading', text: `ftpd check ${check.usage()}` },
          ...paragraphs(check.description()),
          optionItem(check.options.find(({ long }) => long === '--json')),
          ...subcommands.flatMap(([name, command]) => [
            { type: 'heading', text: synopsis([name, command]) },
            { type: 'text', text: sentence(command.description()) },
            ...command.options.map(optionItem),
          ]),
        ],
      },
      { title: 'SIGNALS', blocks: SIGNALS.map(([term, text]) => ({ type: 'item', term, text })) },
      { title: 'EXIT STATUS', blocks: EXITS.map(([term, text]) => ({ type: 'item', term, text })) },
      { title: 'FILES', blocks: FILES.map(([term, text]) => ({ type: 'item', term, text })) },
      { title: 'SEE ALSO', blocks: [{ type: 'text', text: 'ftp(1)' }] },
    ],
  },
  { aliases: ['jftpd'] },
)

function description() {
  return [
    ...paragraphs(serve.description()),
    {
      type: 'text',
      text: 'On loopback, ftpd is plain and open to everybody on this machine as long as there is no user. On any other address TLS is on, and visitors without an account may do nothing. Each option with a value has a variable too; an option of the command line wins over its variable, and that over the file of --config. Many systems have another ftpd, so the same program is also installed as jftpd.',
    },
  ]
}

function synopsis([name, command]) {
  const words = command.registeredArguments.map((argument) => {
    const shown = `${argument.name()}${argument.variadic ? '...' : ''}`
    return argument.required ? shown : `[${shown}]`
  })
  return [name, '[options]', ...words].join(' ')
}

function optionItem(option) {
  const { flags, long, description, defaultValue, defaultValueDescription, envVar } = option
  const byDefault = long === '--workers' ? 'the number of CPUs' : (defaultValueDescription ?? defaultValue)
  const facts = [
    ...(byDefault === undefined || typeof byDefault === 'boolean' ? [] : [`Default: ${byDefault}.`]),
    ...(envVar === undefined ? [] : [`Variable: ${envVar}.`]),
  ]
  return {
    type: 'item',
    term: flags.replaceAll(/[<>]/g, ''),
    text: facts.length === 0 ? description : [`${description}.`, ...facts].join(' '),
  }
}

function argumentItem(argument) {
  return { type: 'item', term: argument.name(), text: argument.description }
}

/** Lines with spaces before them stay as they are. */
function paragraphs(text) {
  return text
    .split('\n\n')
    .map((paragraph) =>
      paragraph.startsWith('  ')
        ? { type: 'lines', lines: paragraph.split('\n').map((line) => line.trim()) }
        : { type: 'text', text: sentence(paragraph) },
    )
}

function sentence(text) {
  const capital = `${text[0].toUpperCase()}${text.slice(1)}`
  return /[.:]$/.test(capital) ? capital : `${capital}.`
}
