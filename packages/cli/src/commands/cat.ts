import { FtpError } from '@jftp/client'
import { throwFailures } from '../output/exit-code.js'
import { defineCommand } from './command.js'
import { printablePieces } from './printable-pieces.js'
import { stdoutSink } from './stdout-sink.js'

export const cat = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
  flags: {},
  notes: [
    'Prints files one after the other and compares the digest of each. If stdout is a terminal, control',
    "characters are shown as escapes; 'get FILE -' prints them as they are.",
  ],
  async run(context, files) {
    const { output, remote, settings, signal } = context
    if (settings.format === 'json')
      throw new FtpError('usage', 'what is in a file is no JSON; leave out --json')
    const failures: unknown[] = []
    for (const file of files) {
      try {
        const { client, path } = await remote.resolve(file, signal)
        const sink = stdoutSink(context, output.answersToTerminal ? printablePieces() : undefined)
        await client.get(path, sink, { signal, digest: settings.digest })
      } catch (error) {
        if (signal.aborted) throw error
        failures.push(error)
      }
    }
    throwFailures(failures)
  },
})
