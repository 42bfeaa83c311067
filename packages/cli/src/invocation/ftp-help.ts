import { describeFlags, overview } from '../commands/help.js'
import { COMMAND_ROWS } from '../commands/table.js'
import { globalFlags } from '../settings/global-flags.js'
import { besideEachOther, indented, sideBySide } from '../text/wrapped-lines.js'
import { ftpCommand } from './invocation.js'

/** The ways to call `ftp`, each with what it does. */
export const SYNOPSIS: readonly (readonly [call: string, what: string])[] = [
  ['ftp [flags] [HOST|URL]', 'open the shell'],
  ['ftp [flags] COMMAND …', 'run one command; remote paths are URLs, or relative to --url'],
  ["ftp [flags] -c 'COMMANDS' [HOST|URL]", 'run several commands; stop at the first error'],
]

/** What each exit code says. */
export const EXIT_MEANINGS: readonly (readonly [codes: string, meaning: string])[] = [
  ['0', 'done'],
  ['1', 'several failures of different kinds, a disk that failed, or a defect'],
  ['2', 'usage'],
  ['3', 'network, worth a retry'],
  ['4', 'login'],
  ['5', 'not found'],
  ['6', 'permission'],
  ['7', 'exists or changed'],
  ['8', 'digest mismatch'],
  ['9', 'no space'],
  ['10', 'diff has found differences'],
  ['11', 'unknown or changed certificate'],
  ['12', 'protocol mismatch'],
  ['124', 'the time of --max-time is over'],
  ['129, 130, 143', 'interrupted'],
]

export const EXAMPLES: readonly string[] = [
  'ftp put dist/app.tgz jftp://files.example/releases/',
  'ftp get jftp://files.example/releases/app.tgz',
  'ftp ls -l jftp://files.example/releases',
]

/** All flags that `ftp` takes if no command is named. */
export const FTP_FLAGS = [...Object.values(ftpCommand.flags), ...Object.values(globalFlags)]

/** `ftp --help`, in lines of at most `width` columns. */
export function ftpHelp(width: number): string[] {
  const codes = EXIT_MEANINGS.map(([code, meaning]) => `${code} ${meaning}`)
  return [
    ...besideEachOther(SYNOPSIS, width),
    '',
    'commands',
    ...overview(COMMAND_ROWS, width),
    '',
    'flags',
    ...describeFlags(FTP_FLAGS, width),
    '',
    'exit codes',
    ...indented(sideBySide(codes, width - 2)),
    '',
    "'ftp COMMAND --help' explains one command.",
    '',
    ...indented(EXAMPLES),
  ]
}
