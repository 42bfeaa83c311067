import { execFile } from 'node:child_process'
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ReadStream, WriteStream } from 'node:tty'
import { promisify } from 'node:util'
import { MAX_SECRET_LENGTH } from '@jftp/protocol'
import { UsageError } from '../usage-error.js'

/** Where a password comes from. Without any of them it is asked for on the terminal. */
export interface PasswordSource {
  readonly passwordStdin?: boolean
  readonly passwordFile?: string
  readonly passwordCommand?: string
}

/** The new password of a user. It is never taken from the arguments, which everybody on the machine can see. */
export async function readNewPassword(user: string, source: PasswordSource): Promise<string> {
  return checked(await read(user, source))
}

async function read(user: string, source: PasswordSource): Promise<string> {
  const { passwordStdin, passwordFile, passwordCommand } = source
  const given = [passwordStdin, passwordFile, passwordCommand].filter((each) => each !== undefined)
  if (given.length > 1) {
    throw new UsageError('give only one of --password-stdin, --password-file and --password-command')
  }
  if (passwordStdin) return firstLine(await text(process.stdin))
  if (passwordFile !== undefined) return firstLine(await fromFile(passwordFile))
  if (passwordCommand !== undefined) return firstLine(await fromCommand(passwordCommand))
  return askTwice(user)
}

function checked(password: string): string {
  if (password === '') throw new UsageError('the password is empty')
  if (password.length > MAX_SECRET_LENGTH) {
    throw new UsageError(`the password has more than ${MAX_SECRET_LENGTH} characters`)
  }
  return password
}

/** The line feed that an editor or `echo` puts at the end is not part of a password. */
function firstLine(content: string): string {
  return content.replace(/\r?\n[\s\S]*$/, '')
}

async function fromFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(
      `can't read --password-file ${path} (${String((error as NodeJS.ErrnoException).code)})`,
    )
  }
}

/** Its stdin and stderr are those of ftpd, so that it may ask for something itself. */
async function fromCommand(command: string): Promise<string> {
  try {
    return (await promisify(execFile)('/bin/sh', ['-c', command])).stdout
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string }
    const why = stderr.trim().split('\n')[0]
    throw new UsageError(`--password-command failed (${String(code)})${why ? `: ${why}` : ''}`)
  }
}

async function askTwice(user: string): Promise<string> {
  const terminal = openTerminal()
  try {
    const password = await ask(terminal, `New password for ${user}: `)
    if ((await ask(terminal, 'Once more: ')) === password) return password
    throw new UsageError('the two passwords differ; nothing was changed')
  } finally {
    terminal.input.destroy()
  }
}

interface Terminal {
  readonly input: ReadStream
  readonly output: WriteStream
}

/** The terminal of this process, also if stdin and stdout are something else. */
function openTerminal(): Terminal {
  try {
    const fd = openSync('/dev/tty', 'r+')
    return { input: new ReadStream(fd), output: new WriteStream(fd) }
  } catch {
    throw new UsageError(
      'there is no terminal to ask for the password on; use --password-stdin, --password-file or --password-command',
    )
  }
}

/** One line, typed without an echo: readline edits it, and what it draws goes nowhere. */
function ask({ input, output }: Terminal, question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const readline = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  // From here on the terminal echoes nothing, so whoever types at once is safe too.
  output.write(question)
  return new Promise((resolve, reject) => {
    readline
      .once('line', resolve)
      .once('SIGINT', () => reject(new UsageError('cancelled; nothing was changed')))
    readline.once('close', () => reject(new UsageError('no password was typed; nothing was changed')))
  }).finally(() => {
    readline.close()
    output.write('\n')
  }) as Promise<string>
}
