import { type ChildProcess, spawn } from 'node:child_process'

/**
 * A child process ends by itself when its channel to the server closes, unless a handler keeps its event loop busy.
 * So a shell reads from a pipe that closes when the server's process ends, for whatever reason. A second later the
 * shell kills the children that are left.
 */
const WATCH = `
trap '' HUP INT QUIT TERM
pids=
while read -r change pid; do
  if [ "$change" = add ]; then pids="$pids $pid"; continue; fi
  left=
  for each in $pids; do [ "$each" = "$pid" ] || left="$left $each"; done
  pids=$left
done
[ -n "$pids" ] || exit 0
sleep 1
kill -9 $pids
`

const watched = new Set<number>()
let shell: ChildProcess | undefined

/** Has the child killed if this process ends before it. */
export function watchChild(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined) return
  watched.add(pid)
  child.once('exit', () => unwatch(pid))
  if (shell) tell(`add ${pid}`)
  else start()
}

function unwatch(pid: number): void {
  watched.delete(pid)
  tell(`remove ${pid}`)
  if (watched.size > 0) return
  shell?.stdin?.destroy()
  shell = undefined
}

function start(): void {
  const started = spawn('/bin/sh', ['-c', WATCH], { stdio: ['pipe', 'ignore', 'ignore'] })
  shell = started
  // Shell and pipe must not keep this process alive. If there is no /bin/sh, that is no error.
  started.unref()
  if (started.stdin && 'unref' in started.stdin && typeof started.stdin.unref === 'function')
    started.stdin.unref()
  started.stdin?.on('error', ignore)
  started.on('error', ignore)
  started.once('exit', () => {
    if (shell !== started) return
    shell = undefined
    // Somebody killed the shell, so the children that are left need another.
    if (watched.size > 0) start()
  })
  for (const pid of watched) tell(`add ${pid}`)
}

function tell(line: string): void {
  shell?.stdin?.write(`${line}\n`)
}

function ignore(): void {}
