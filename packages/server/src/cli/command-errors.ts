import type { Command } from 'commander'

/** Commander throws instead of ending the process, and its messages look like all others of ftpd. */
export function shortErrors(command: Command): Command {
  const name = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`
  return command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(text.replace(/^error: (.*?)\.?\n$/s, `ftpd: $1; see ${name} --help\n`)),
  })
}
