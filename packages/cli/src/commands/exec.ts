import { StringDecoder } from 'node:string_decoder'
import type { ProgramOutput } from '@jftp/client'
import { EndedWith } from '../output/exit-code.js'
import { defineCommand } from './command.js'
import type { Context } from './context.js'
import { printablePieces } from './printable-pieces.js'

export const exec = defineCommand({
  arguments: [
    { name: 'NAME', takes: 'one', kinds: [[]] },
    { name: 'ARG', takes: 'any', kinds: [[]] },
  ],
  flags: {},
  notes: [
    'Runs a program that the operator of the server has named in its configuration, and prints what it prints.',
    'ARGs that begin with a dash come after --. The exit code is 0 if that of the program is, and 1 otherwise.',
    'Ctrl-C kills the program.',
  ],
  async run({ output, remote, settings, signal }, [name = '', ...args]) {
    const { client } = await remote.resolve('.', signal)
    const show = settings.format === 'json' ? asEvents(output) : asBytes(output)
    for await (const item of client.exec(name, args, { signal })) {
      if (item.type === 'output') await show(item)
      else await tellEnd(output, name, item)
    }
  },
})

type Printed = Extract<ProgramOutput, { type: 'output' }>
type End = Exclude<ProgramOutput, Printed>

/** Each stream goes to the one of the same name. */
function asBytes(output: Context['output']): (item: Printed) => Promise<void> {
  const stdout = output.answersToTerminal ? printablePieces() : (bytes: Uint8Array) => bytes
  const stderr = printablePieces()
  return async ({ stream, data }) => {
    if (stream === 'stdout') await output.content(stdout(data))
    else output.relay(Buffer.from(stderr(data)).toString())
  }
}

function asEvents(output: Context['output']): (item: Printed) => Promise<void> {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  return async ({ stream, data }) => {
    const text = decoders[stream].write(Buffer.from(data))
    await output.event({ v: 1, event: 'program-output', stream, text })
  }
}

async function tellEnd(output: Context['output'], name: string, { type: _type, ...end }: End): Promise<void> {
  await output.event({ v: 1, event: 'program-end', name, ...end })
  if ('signal' in end) throw new EndedWith(1, `${name} was killed by ${end.signal}`)
  if (end.exitCode !== 0) throw new EndedWith(1, `${name} ended with exit code ${end.exitCode}`)
}
