import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp-folder.js'

/** Why file systems can't be mounted here; undefined where they can. Tests that need one say so and skip. */
export const cannotMount: string | undefined = tryMount()

/** A file system in memory, mounted on `path`, of `options` as `size=4m,nr_inodes=50`; gone at the end. */
export function mountedFolder(
  path: string,
  options: string,
): Disposable & { remount(options: string): void } {
  mkdirSync(path, { recursive: true })
  mount(['-t', 'tmpfs', '-o', options, 'jftp-test', path])
  return {
    remount: (changed) => mount(['-o', `remount,${changed}`, path]),
    // Lazily: a server that is just being ended may hold it for a moment.
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', path]),
  }
}

function mount(args: string[]): void {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function tryMount(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting needs root on Linux'
  using folder = tempFolder()
  try {
    using _mounted = mountedFolder(join(folder.path, 'mounted'), 'size=1m')
    return undefined
  } catch (error) {
    return `mounting failed: ${String(error)}`
  }
}
