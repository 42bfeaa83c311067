import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const FTP = fileURLToPath(new URL('../bin/ftp.js', import.meta.url))

/** What one run of `ftp` came to. */
export interface FtpEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** Stdout byte for byte. */
  readonly bytes: Buffer
  /** Stdout as JSON lines. */
  readonly events: Record<string, unknown>[]
}

export interface FtpOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string | Uint8Array
  /** What comes before the command line, as in `ip netns exec NAME`. */
  readonly command?: readonly string[]
}

/** Runs the real `ftp` to its end. */
export async function ftp(args: readonly string[], options: FtpOptions = {}): Promise<FtpEnd> {
  const { child, end } = startFtp(args, options)
  child.stdin?.end(options.input ?? '')
  return end
}

/** Starts the real `ftp`, its stdin open. */
export function startFtp(
  args: readonly string[],
  { cwd, env, command = [] }: FtpOptions = {},
): { child: ChildProcess; end: Promise<FtpEnd> } {
  const [program = process.execPath, ...before] = [...command, process.execPath, FTP]
  const child = spawn(program, [...before, ...args], { cwd, env: cleanEnvironment(env) })
  // Its reader may be gone before all input is written.
  child.stdin.on('error', () => {})
  const end = Promise.all([once(child, 'close'), buffer(child.stdout), buffer(child.stderr)]).then(
    ([[exitCode], bytes, errors]) => ({
      exitCode: exitCode as number | null,
      bytes,
      stdout: bytes.toString(),
      stderr: errors.toString(),
      get events() {
        const lines = bytes.toString().split('\n').filter(Boolean)
        return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      },
    }),
  )
  return { child, end }
}

/** Nothing of whoever runs the tests decides how they end. */
export function cleanEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !['NO_COLOR', 'SSH_AUTH_SOCK'].includes(name) && !name.startsWith('FTP_'),
    ),
  )
  return { ...env, XDG_CONFIG_HOME: '/dev/null', NETRC: '/dev/null', ...more }
}
