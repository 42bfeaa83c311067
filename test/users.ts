import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const FTPD = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))

/** What one run of `ftpd user` came to. */
export interface FtpdEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of the commands of `ftpd` that end by themselves. */
export async function ftpd(
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<FtpdEnd> {
  // In a session of its own it has no terminal, whoever runs the tests.
  const child = spawn(process.execPath, [FTPD, ...args], {
    detached: true,
    env: { ...process.env, ...env },
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ])
  return { exitCode: exitCode as number | null, stdout, stderr }
}

/** What the users file keeps of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

/** A users file in a folder, changed by the real `ftpd user`. */
export class UsersFile {
  readonly path: string

  constructor(folder: string) {
    this.path = join(folder, 'users.json')
  }

  /** What a daemon has to be started with. */
  get args(): string[] {
    return ['--users', this.path]
  }

  /** Gives a user a token that is known beforehand. */
  giveToken(name: string, token: string): void {
    const file = JSON.parse(readFileSync(this.path, 'utf8')) as {
      users: { name: string; tokens: object[] }[]
    }
    const record = { id: token.split('_')[1], hash: tokenHash(token) }
    file.users.find((user) => user.name === name)?.tokens.push(record)
    writeFileSync(this.path, JSON.stringify(file))
  }

  /** Makes a token with `ftpd token add`. */
  async addToken(user: string, ...flags: string[]): Promise<{ token: string; id: string }> {
    const { exitCode, stdout, stderr } = await ftpd(['token', 'add', user, '--json', ...flags, ...this.args])
    if (exitCode !== 0) throw new Error(stderr)
    return JSON.parse(stdout) as { token: string; id: string }
  }

  /** `ftpd user COMMAND …`; `input` is its stdin. */
  run(command: string, args: readonly string[] = [], input = ''): Promise<FtpdEnd> {
    return ftpd(['user', command, ...args, ...this.args], { input })
  }

  async add(name: string, password: string, ...flags: string[]): Promise<void> {
    const { exitCode, stderr } = await this.run('add', [name, '--password-stdin', ...flags], `${password}\n`)
    if (exitCode !== 0) throw new Error(stderr)
  }
}
