import { globalFlags } from '../settings/global-flags.js'
import { choose } from '../settings/setting-values.js'
import { type Command, defineCommand, type Flag } from './command.js'
import type { CommandRow } from './command-row.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** The command `completion`. The table passes its rows in, because the table itself loads this file. */
export function completionFor(rows: readonly CommandRow[]): Command {
  return defineCommand({
    dryRun: 'runs',
    arguments: [{ name: SHELLS.join('|'), takes: 'one', kinds: [[]] }],
    flags: {},
    notes: [
      'Prints what makes Tab complete commands, flags and local files in that shell:',
      '  bash  eval "$(ftp completion bash)" in ~/.bashrc',
      '  zsh   eval "$(ftp completion zsh)" in ~/.zshrc, after compinit',
      '  fish  ftp completion fish > ~/.config/fish/completions/ftp.fish',
    ],
    async run({ output }, [shell = '']) {
      const name = choose('the shell', shell, SHELLS)
      const lines = SCRIPTS[name](await readTable(rows))
      await output.answer(lines)
      await output.event({ v: 1, event: 'completion', shell: name, script: `${lines.join('\n')}\n` })
    },
  })
}

interface CommandEntry {
  readonly names: readonly string[]
  readonly summary: string
  readonly flags: readonly Flag[]
}

async function readTable(rows: readonly CommandRow[]): Promise<CommandEntry[]> {
  const entries: CommandEntry[] = []
  for (const row of rows) {
    const { flags } = await row.load()
    entries.push({ names: [row.name, ...row.aliases], summary: row.summary, flags: Object.values(flags) })
  }
  return entries
}

const GLOBAL: readonly Flag[] = Object.values(globalFlags)

/** Programs that the scripts are for. */
const PROGRAMS = 'ftp jftp'

/** What makes the script of each shell, line by line. */
const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }

function bashScript(table: readonly CommandEntry[]): string[] {
  const withValue = [
    ...new Set([...GLOBAL, ...table.flatMap(({ flags }) => flags)].filter(takesValue).flatMap(spellings)),
  ]
  return [
    // Names that the user has given are printed by ftp itself.
    `_ftp_names() { "$1" "$2" 2>/dev/null </dev/null | cut -d' ' -f"$3"; }`,
    '_ftp() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command= skip= each',
    '  for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    if [ -n "$skip" ]; then skip=; continue; fi',
    `    case "$each" in ${withValue.join('|')}) skip=1 ;; -*) ;; *) command="$each"; break ;; esac`,
    '  done',
    '  case "$before" in',
    ...choicesOf([...GLOBAL, ...table.flatMap(({ flags }) => flags)]).map(
      ([names, choices]) =>
        `    ${names.join('|')}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return ;;`,
    ),
    '  esac',
    `  local flags='${GLOBAL.flatMap(spellings).join(' ')} --help'`,
    '  case "$command" in',
    ...table.map(
      ({ names, flags }) => `    ${quoted(names)}) flags="$flags ${flags.flatMap(spellings).join(' ')}" ;;`,
    ),
    '  esac',
    '  if [ "${word#-}" != "$word" ]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))',
    `  elif [ -z "$command" ]; then COMPREPLY=($(compgen -W "${table.flatMap(({ names }) => names).join(' ')} $(_ftp_names "$1" alias 2) $(_ftp_names "$1" bookmark 1)" -- "$word"))`,
    `  elif [ "$command" = open ]; then COMPREPLY=($(compgen -W "$(_ftp_names "$1" bookmark 1)" -- "$word"))`,
    // Without an answer bash completes names of files.
    '  else COMPREPLY=()',
    '  fi',
    '}',
    `complete -o bashdefault -o default -F _ftp ${PROGRAMS}`,
  ]
}

/** zsh reads bash's completions. */
function zshScript(table: readonly CommandEntry[]): string[] {
  return ['autoload -Uz bashcompinit && bashcompinit', ...bashScript(table)]
}

function fishScript(all: readonly CommandEntry[]): string[] {
  // To fish, `?` is a pattern even where it is compared.
  const table = all.map((entry) => ({ ...entry, names: entry.names.filter(isWord) }))
  const names = table.flatMap((entry) => entry.names)
  return PROGRAMS.split(' ').flatMap((program) => [
    ...table.flatMap(({ names: own, summary }) =>
      own.map(
        (name) =>
          `complete -c ${program} -n 'not __fish_seen_subcommand_from ${names.join(' ')}' -f -a '${name}' -d '${escaped(summary)}'`,
      ),
    ),
    `complete -c ${program} -n 'not __fish_seen_subcommand_from ${names.join(' ')}' -f -a "(${program} alias 2>/dev/null | string split -f 2 ' ')"`,
    `complete -c ${program} -n 'not __fish_seen_subcommand_from ${names.filter((name) => name !== 'open').join(' ')}' -f -a "(${program} bookmark 2>/dev/null | string split -f 1 ' ')"`,
    ...GLOBAL.map((flag) => `complete -c ${program} ${fishFlag(flag)}`),
    ...table.flatMap(({ names: own, flags }) =>
      flags.map(
        (flag) =>
          `complete -c ${program} -n '__fish_seen_subcommand_from ${own.join(' ')}' ${fishFlag(flag)}`,
      ),
    ),
  ])
}

function fishFlag(flag: Flag): string {
  const letters = spellings(flag).map((spelling) =>
    spelling.startsWith('--') ? `-l ${spelling.slice(2)}` : `-s ${spelling.slice(1)}`,
  )
  const value =
    flag.choices === undefined ? (takesValue(flag) ? ['-r'] : []) : [`-x -a '${flag.choices.join(' ')}'`]
  return [...letters, ...value, `-d '${escaped(flag.help)}'`].join(' ')
}

function choicesOf(flags: readonly Flag[]): [string[], readonly string[]][] {
  const seen = new Set<string>()
  return flags.flatMap((flag) => {
    const names = spellings(flag).filter((name) => !seen.has(name))
    for (const name of names) seen.add(name)
    return flag.choices === undefined || names.length === 0 ? [] : [[names, flag.choices]]
  })
}

function takesValue({ value }: Flag): boolean {
  return value !== undefined
}

function spellings({ spelling }: Flag): string[] {
  return spelling.split(', ')
}

/** A pattern of names; `?` is a pattern itself. */
function quoted(names: readonly string[]): string {
  return names.map((name) => (isWord(name) ? name : `'${name}'`)).join('|')
}

function isWord(name: string): boolean {
  return /^[\w-]+$/.test(name)
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
