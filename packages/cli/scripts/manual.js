import { versionIn, writeManual } from '../../../manual-page.js'
import { usageOf } from '../dist/commands/command-parser.js'
import { noteBlocks } from '../dist/commands/note-blocks.js'
import { COMMAND_ROWS } from '../dist/commands/table.js'
import { EXAMPLES, EXIT_MEANINGS, FTP_FLAGS, SYNOPSIS } from '../dist/invocation/ftp-help.js'

/* Makes man/ftp.1 from the table of commands and the flags. */

const FILES = [
  ['$XDG_CONFIG_HOME/jftp/config.toml', 'Settings, profiles and aliases of its user.'],
  ['$XDG_CONFIG_HOME/jftp/bookmarks.toml', 'The bookmarks.'],
  ['.jftp.toml', 'Settings and profiles of a project, in the current folder.'],
  ['$NETRC or ~/.netrc', 'Names and passwords for hosts, readable for their owner alone.'],
  ['$XDG_STATE_HOME/jftp/known_hosts', 'Certificates of servers that were accepted once.'],
  ['$XDG_STATE_HOME/jftp/history', 'Lines typed in the shell, without secrets.'],
  [
    '$XDG_CACHE_HOME/jftp',
    'The compiled program, which makes ftp start faster; it may be deleted at any time.',
  ],
]

writeManual(
  new URL('../man/', import.meta.url),
  {
    name: 'ftp',
    section: 1,
    summary: 'move files to and from an ftpd, each checked end to end',
    version: versionIn(new URL('../package.json', import.meta.url)),
    parts: [
      { title: 'SYNOPSIS', blocks: [{ type: 'lines', lines: SYNOPSIS.map(([call]) => call) }] },
      { title: 'DESCRIPTION', blocks: description() },
      { title: 'FLAGS', blocks: FTP_FLAGS.flatMap(flagItem) },
      { title: 'COMMANDS', blocks: await commands() },
      {
        title: 'EXIT STATUS',
        blocks: EXIT_MEANINGS.map(([term, text]) => ({ type: 'item', term, text })),
      },
      { title: 'ENVIRONMENT', blocks: environment() },
      { title: 'FILES', blocks: FILES.map(([term, text]) => ({ type: 'item', term, text })) },
      { title: 'EXAMPLES', blocks: [{ type: 'lines', lines: EXAMPLES }] },
      { title: 'SEE ALSO', blocks: [{ type: 'text', text: 'ftpd(8)' }] },
    ],
  },
  { aliases: ['jftp'] },
)

function description() {
  return [
    {
      type: 'text',
      text: 'ftp is a shell and a command. It moves files to and from a server on which ftpd(8) runs. A file appears under its name only when it is complete and its digest was compared at the receiving end. Many systems have another ftp, so the same program is also installed as jftp.',
    },
    ...SYNOPSIS.map(([term, text]) => ({ type: 'item', term, text })),
    {
      type: 'text',
      text: 'The server is named by a URL: jftp://[user@]host[:port]/folder, or jftps: for TLS. The port is 9021 if none is given. The same commands work in the shell, one at a time, and in files that the command run reads.',
    },
  ]
}

async function commands() {
  const blocks = []
  for (const row of COMMAND_ROWS) {
    const command = await row.load()
    const aliases = row.aliases.length === 0 ? '' : ` It is also called ${row.aliases.join(' and ')}.`
    blocks.push(
      { type: 'heading', text: usageOf(row.name, command) },
      { type: 'text', text: `${row.summary[0].toUpperCase()}${row.summary.slice(1)}.${aliases}` },
      ...Object.values(command.flags).flatMap(flagItem),
      ...noteBlocks(command.notes),
    )
  }
  return blocks
}

function flagItem({ spelling, value, help, isHidden }) {
  return isHidden
    ? []
    : [{ type: 'item', term: value === undefined ? spelling : `${spelling} ${value}`, text: help }]
}

/** The variables that the help of the flags names. */
function environment() {
  const rows = FTP_FLAGS.flatMap(({ spelling, help }) =>
    [...help.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => ({
      type: 'item',
      term: name,
      text: `See ${spelling.split(', ').at(-1)}.`,
    })),
  )
  return [
    { type: 'text', text: 'A flag wins over its variable.' },
    ...rows,
    { type: 'item', term: 'VISUAL, EDITOR, PAGER', text: 'The programs that edit and more use.' },
  ]
}
