import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { drawFilm } from './film.js'
import { Screen } from './screen.js'

/*
 * Makes docs/shell.svg, the moving picture that opens the README: a real session of ftp with a real ftpd, on a terminal
 * made by util-linux `script`. It needs the default port, so that the picture shows what a newcomer will see.
 */

const SIZE = { columns: 84, rows: 22 }
const PROMPT = /> $/

/** What is typed, and what `ftp` is started with: so slow that there is something to see. */
const TYPED = ['ls -l', 'put big.iso', 'get -r photos', 'md5 big.iso', 'sl', 'exit']
const FLAGS = ['--limit-rate', '48MiB']

const bin = (name) => fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'jftp-picture-'))
try {
  const [served, local] = ['served', 'local'].map((name) => join(folder, name))
  fill(served, local)
  const daemon = spawn(process.execPath, [bin('ftpd'), served, '--log-format', 'json', '--control', 'none'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(createInterface({ input: daemon.stdout }), 'line')
    if (!line.includes('"type":"ready"')) throw new Error(`ftpd did not start: ${line}`)
    const frames = await record(local)
    writeFileSync(new URL('../shell.svg', import.meta.url), drawFilm(frames, SIZE))
  } finally {
    daemon.kill()
    await once(daemon, 'close')
  }
} finally {
  rmSync(folder, { recursive: true })
}

function fill(served, local) {
  mkdirSync(join(served, 'photos'), { recursive: true })
  mkdirSync(local)
  writeFileSync(join(served, 'notes.txt'), 'notes\n')
  for (let i = 1; i <= 14; i++) {
    writeFileSync(
      join(served, 'photos', `img_${String(i).padStart(4, '0')}.jpg`),
      randomBytes(8_000_000 + i * 379_190),
    )
  }
  writeFileSync(join(local, 'big.iso'), randomBytes(120 * 1024 * 1024))
}

/** Types the session, and takes a frame whenever the screen has changed. */
async function record(cwd) {
  const screen = new Screen(SIZE)
  const command = [process.execPath, bin('ftp'), ...FLAGS, 'jftp://127.0.0.1/']
    .map((word) => `'${word}'`)
    .join(' ')
  const setUp = `stty cols ${SIZE.columns} rows ${SIZE.rows}`
  const { NO_COLOR: _, ...env } = process.env
  const child = spawn('script', ['-qec', `${setUp}; exec ${command}`, '/dev/null'], {
    cwd,
    env: {
      ...env,
      TERM: 'xterm-256color',
      HOME: folder,
      XDG_STATE_HOME: folder,
      XDG_CONFIG_HOME: folder,
      SHELL: '/bin/sh',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdout.on('data', (bytes) => screen.write(bytes))
  for (const line of TYPED) {
    while (!PROMPT.test(screen.lastLine)) await sleep(20)
    await sleep(700)
    for (const key of line) {
      child.stdin.write(key)
      await sleep(60)
    }
    // Before the last one there is time to read.
    if (line === 'exit') break
    await sleep(300)
    child.stdin.write('\r')
    await sleep(200)
  }
  await sleep(200)
  const frames = screen.frames
  child.stdin.write('\r')
  await once(child, 'close')
  return frames
}
