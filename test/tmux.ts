import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { cleanEnvironment } from './ftp-process.js'
import type { ScratchFolder } from './scratch-folder.js'

const FTP = fileURLToPath(new URL('../bin/ftp.js', import.meta.url))
const run = promisify(execFile)

/** Longer than anything on a loaded machine; it only turns a hang into an error that says what was seen. */
const PATIENCE_MS = 60_000
const LOOK_AGAIN_MS = 50

export const hasTmux = spawnSync('tmux', ['-V'], { stdio: 'ignore' }).status === 0

/** What differs from one run to the next and is not what a screen is compared for. */
const MASKS: readonly [RegExp, string][] = [
  // A bar with all that stands behind it. It is left out on a narrow screen.
  [/ +(?:[━─]+ +)?\d+ % +[\d.]+\/([\d.]+ \wiB).*$/gm, '  …/$1'],
  [/ +[\d.]+ \wiB\/s/g, '  RATE'],
  [/ in [\d.]+ s\b/g, ' in TIME'],
]

/**
 * `ftp` in a window of a tmux of its own, which is a real terminal: keys go in, and what a person would see can be
 * looked at. tmux keeps its socket in the scratch folder.
 */
export class Tmux implements AsyncDisposable {
  readonly #socket: string
  readonly #env: NodeJS.ProcessEnv
  readonly #prompted: string
  #processes: number[] = []

  private constructor(scratch: ScratchFolder, prompted: string) {
    this.#socket = join(scratch.path, 'tmux.sock')
    this.#env = cleanEnvironment({ TMUX: undefined, SHELL: '/bin/sh', XDG_STATE_HOME: scratch.path })
    this.#prompted = prompted
  }

  /** Starts `ftp URL` in the local folder, on a screen of 80 columns and 24 rows. `label` is the host in the prompt. */
  static async start(scratch: ScratchFolder, { url, label }: { url: string; label: string }): Promise<Tmux> {
    const tmux = new Tmux(scratch, label)
    const command = ['exec', process.execPath, FTP, url].join(' ')
    const size = ['-x', '80', '-y', '24']
    await tmux.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', scratch.local, command)
    const pids = await tmux.#tmux('display-message', '-p', '#{pid} #{pane_pid}')
    tmux.#processes = pids.trim().split(' ').map(Number)
    await tmux.shows('HOST:/>')
    return tmux
  }

  /** Types text as it is. Each call is one burst. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text)
  }

  /** Presses keys by the names that tmux gives them: `Enter`, `Tab`, `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', '--', ...keys)
  }

  /** Types a line and presses Enter. */
  async enter(line: string): Promise<void> {
    await this.type(line)
    await this.press('Enter')
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`)
  }

  /** Waits until the whole screen is this: the prompts say HOST, and rates and times are masked. */
  async shows(...lines: readonly string[]): Promise<void> {
    await this.#until(
      async () => this.#masked(await this.screen()),
      (screen) => screen === lines.join('\n'),
      (screen) => expect(screen).toBe(lines.join('\n')),
    )
  }

  /** Waits until the screen, with nothing masked, has this. */
  async sees(pattern: RegExp): Promise<void> {
    await this.#until(
      () => this.screen(),
      (screen) => pattern.test(screen),
      (screen) => expect(screen).toMatch(pattern),
    )
  }

  /** The rows of the screen, without the blank ones at its end. */
  async screen(): Promise<string> {
    const rows = (await this.#tmux('capture-pane', '-p')).split('\n').map((row) => row.trimEnd())
    return rows.join('\n').trimEnd()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => {})
    await this.#until(
      async () => this.#processes.filter(isRunning),
      (running) => running.length === 0,
      (running) => expect(running, 'processes that tmux has left').toEqual([]),
    )
  }

  async #until<T>(look: () => Promise<T>, isMeant: (seen: T) => boolean, complain: (seen: T) => void) {
    const end = performance.now() + PATIENCE_MS
    for (;;) {
      const seen = await look()
      if (isMeant(seen)) return
      if (performance.now() > end) return complain(seen)
      await sleep(LOOK_AGAIN_MS)
    }
  }

  #masked(screen: string): string {
    const named = screen.replaceAll(this.#prompted, 'HOST')
    return MASKS.reduce((text, [pattern, mask]) => text.replace(pattern, mask), named)
  }

  async #tmux(...args: string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-u', '-S', this.#socket, ...args], { env: this.#env })
    return stdout
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
