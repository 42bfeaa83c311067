/**
 * `pnpm start`: jftp's main job on a real file, in front of your eyes. Starts ftpd on a folder of its own,
 * puts a file, lists it, gets it back, and compares the md5 on both sides. On a terminal it then leaves you
 * in the shell, connected; without one it ends.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Daemon, startDaemon } from './daemon.js'
import { runFtp } from './ftp.js'

/** Large enough to see a progress bar, small enough not to wait for. */
const DEMO_FILE_SIZE = 64 * 1024 * 1024

const folder = await mkdtemp(join(tmpdir(), 'jftp-demo-'))
// Ctrl-C belongs to whichever ftp command runs; this script goes on and cleans up.
process.on('SIGINT', () => {})
let daemon: Daemon | undefined
try {
  const served = join(folder, 'served')
  await mkdir(served)
  daemon = await startDaemon(served)
  say(`ftpd serves ${served} on ${daemon.url}`)
  await showMainJob(daemon.url, served)
  if (process.stdin.isTTY && process.stdout.isTTY) {
    say('This is the shell. Try: ls, put FILE, get hello.bin, help. Ctrl-D or exit leaves it.')
    await runFtp([daemon.url], 'quiet')
  }
} finally {
  await daemon?.stop()
  await rm(folder, { recursive: true })
}

async function showMainJob(url: string, served: string): Promise<void> {
  const original = join(folder, 'hello.bin')
  const copy = join(folder, 'back.bin')
  await writeFile(original, randomBytes(DEMO_FILE_SIZE))
  await runFtp(['put', original, url], 'echo')
  await runFtp(['ls', '-l', url], 'echo')
  await runFtp(['get', `${url}hello.bin`, '-o', copy], 'echo')

  say('The same md5 everywhere:')
  const digests: string[] = []
  for (const path of [original, join(served, 'hello.bin'), copy]) {
    const digest = await md5Of(path)
    digests.push(digest)
    console.log(`${digest}  ${path}`)
  }
  if (new Set(digests).size !== 1) throw new Error('the files differ')
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function say(text: string): void {
  console.log(`\n# ${text}`)
}
