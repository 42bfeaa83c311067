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

/**
 * What to start a program with so that it finds the folder `source` at `target` as well. Nobody else does: the program has
 * a mount namespace of its own, which ends with it.
 */
export function withBindMount(source: string, target: string): [string, ...string[]] {
  const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
  return ['unshare', '--mount', '/bin/sh', '-c', script, 'sh', source, target]
}

/** Why `withBindMount` does not work here; undefined where it does. Tests that need it say so and skip. */
export const cannotBindMount: string | undefined = tryBindMount()

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

function tryBindMount(): string | undefined {
  using folder = tempFolder()
  const [program, ...args] = withBindMount(folder.path, folder.path)
  try {
    execFileSync(program, [...args, 'true'], { stdio: ['ignore', 'ignore', 'pipe'] })
    return undefined
  } catch (error) {
    return `no mount namespace can be made: ${String(error)}`
  }
}
