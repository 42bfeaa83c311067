import { describeFlags, overview } from '../commands/help.js'
import { COMMAND_ROWS } from '../commands/table.js'
import { globalFlags } from '../settings/global-flags.js'
import { ftpCommand } from './invocation.js'

/** `ftp --help`, line by line. */
export function ftpHelp(): string[] {
  return [
    'ftp [flags] [HOST|URL]                open the shell',
    'ftp [flags] COMMAND …                 run one command; remote paths are URLs, or relative to --url',
    "ftp [flags] -c 'COMMANDS' [HOST|URL]  run several commands; stop at the first error",
    '',
    'commands',
    ...overview(COMMAND_ROWS),
    '',
    'flags',
    ...describeFlags([...Object.values(ftpCommand.flags), ...Object.values(globalFlags)]),
    '',
    'exit codes',
    '  0 done   1 several failures of different kinds, a disk that failed, or a defect   2 usage',
    '  3 network, worth a retry   4 login   5 not found   6 permission   7 exists or changed',
    '  8 digest mismatch   9 no space   10 diff has found differences   11 unknown or changed certificate',
    '  12 protocol mismatch   124 the time of --max-time is over   129, 130, 143 interrupted',
    '',
    "'ftp COMMAND --help' explains one command.",
    '',
    '  ftp put dist/app.tgz jftp://files.example/releases/',
    '  ftp get jftp://files.example/releases/app.tgz',
    '  ftp ls -l jftp://files.example/releases',
  ]
}
