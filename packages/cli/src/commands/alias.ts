import { FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { defineCommand } from './command.js'

export const alias = defineCommand({
  dryRun: 'runs',
  arguments: [
    { name: 'NAME', takes: 'maybe', kinds: [['alias']] },
    { name: "'COMMANDS'", takes: 'maybe', kinds: [['command']] },
  ],
  flags: { delete: { spelling: '-d, --delete', help: 'remove the alias' } },
  notes: [
    'Gives a name to commands until the shell or the batch ends; without COMMANDS it shows what NAME stands for, and',
    'without NAME it lists all. Those of the table [alias] in config.toml are always there.',
    "  alias ll 'ls -l'                        ll /releases is ls -l /releases",
    "  alias up 'cd /in && put $1 && md5 $1'   up a.txt stores a.txt in /in",
    "$1 to $9 are the words behind the name, and $@ is all of them. Words without a place come to the end. Inside of itself a name is no alias: alias ls 'ls -l' works. An alias of",
    'several commands ends at the first that fails.',
  ],
  async run({ aliases, output }, [name, commands], { delete: isDeleted }) {
    if (name !== undefined && commands !== undefined) {
      if (isDeleted) throw new FtpError('usage', 'give commands or --delete, not both')
      checkName(name)
      aliases.set(name, commands)
      return
    }
    const text = name === undefined ? undefined : aliases.get(name)
    if (name !== undefined && text === undefined) {
      throw new FtpError('not-found', `there is no alias '${name}'; 'alias' lists them`)
    }
    if (isDeleted) {
      if (name === undefined) throw new FtpError('usage', 'NAME is missing: alias --delete NAME')
      aliases.remove(name)
      return
    }
    for (const [each, command] of name === undefined ? aliases.all : [[name, text ?? ''] as const]) {
      await output.answer(printable(`alias ${each} ${quoted(command)}`))
      await output.event({ v: 1, event: 'alias', name: each, command })
    }
  },
})

function checkName(name: string): void {
  if (/^[\w.+-]+$/.test(name) && !/^[-@]/.test(name)) return
  throw new FtpError('usage', `'${name}' can't be an alias: a name has letters, digits, _ . + - only`)
}

/** As the prompt takes it back. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
