import { Buffer } from 'node:buffer'
import { type Executed, parseExecuted } from '@jftp/protocol'
import type { CallOptions, ProgramOutput } from '../call-options.js'
import { checkOptions } from '../checked-arguments.js'
import type { Connection } from '../connection/connection.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { listingPages } from './listing-pages.js'

/** Runs a program on the server, and tells what it prints while it prints it. */
export async function* exec(
  connection: Connection,
  name: string,
  args: readonly string[],
  options: CallOptions,
): AsyncGenerator<ProgramOutput, void, undefined> {
  try {
    checkOptions('exec', options)
    const given = checkWords([name, ...args]).slice(1)
    const request = { cmd: 'exec', args: { name, args: given }, path: name, parse: parseExecuted } as const
    let hasEnded = false
    for await (const { items } of listingPages(connection, request, options.signal)) {
      for (const executed of items) {
        if (hasEnded) throw wrong(`the server went on after ${name} had ended`)
        hasEnded = executed.type !== 'output'
        yield toOutput(executed)
      }
    }
    // Otherwise a program that was cut off would pass for one that has done its work.
    if (!hasEnded) throw wrong(`the server did not say how ${name} ended`)
  } catch (error) {
    throw toFtpError(error, name)
  }
}

function wrong(message: string): FtpError {
  return new FtpError('protocol-error', message)
}

/** Throws `usage`. */
function checkWords(words: readonly unknown[]): string[] {
  return words.map((word) => {
    if (typeof word === 'string' && !word.includes('\0')) return word
    throw new FtpError('usage', 'the name and the arguments of a program must be strings without NUL')
  })
}

function toOutput(executed: Executed): ProgramOutput {
  if (executed.type !== 'output') return executed
  return { ...executed, data: Buffer.from(executed.data, 'base64') }
}
