import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { FtpError, fromLocalError } from '@jftp/client'
import { EndedWith } from '../output/exit-code.js'
import { defineCommand } from './command.js'
import type { Context } from './context.js'

export const source = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'FILE|-', takes: 'one', kinds: [['local']] }],
  flags: {},
  notes: [
    'Runs the commands in a local file, or those that come from stdin if it is -. It stops at the first that',
    "fails. The failure of '-cmd' is ignored, '@cmd' is not echoed, and # begins a comment. 'exit' ends the file.",
  ],
  async run(context, [file = '']) {
    const stdin = file === '-' ? ({ isStdinTaken: true, programInput: 'ignore' } as const) : {}
    // Flags of this command hold for the whole script.
    const liveSettings = context.liveSettings.withFlags(context.flags)
    const environment = { ...context, ...stdin, liveSettings }
    const exitCode = await context.runLines(environment, linesOf(context, file), context.signal)
    if (exitCode !== 0) throw new EndedWith(exitCode, `${file}: ended with exit code ${exitCode}`)
  },
})

async function* linesOf({ local, isStdinTaken }: Context, file: string): AsyncGenerator<string, void> {
  if (file === '-' && isStdinTaken) throw new FtpError('usage', 'the commands come from stdin already')
  const path = local.resolve(file)
  const input = file === '-' ? process.stdin : createReadStream(path)
  // readline does not tell of failures of what it reads.
  const failed = new Promise<never>((_resolve, reject) => {
    input.once('error', (error: Error) => reject(fromLocalError(error, path)))
  })
  failed.catch(() => {})
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([lines.next(), failed])
    if (next.done) return
    yield next.value
  }
}
