import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Runs `ftp ARGS` on this terminal; throws unless it ends with exit code 0. */
export async function runFtp(args: readonly string[], show: 'echo' | 'quiet'): Promise<void> {
  if (show === 'echo') console.log(`\n$ ftp ${args.join(' ')}`)
  const program = fileURLToPath(new URL('../../bin/ftp.js', import.meta.url))
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (code !== 0) throw new Error(`ftp ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}`)
}
