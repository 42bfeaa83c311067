import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FTPD = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))

/** A real `ftpd` in a process of its own. */
export interface DaemonProcess extends AsyncDisposable {
  /** `jftp://127.0.0.1:PORT`, no slash at the end. */
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** Ends it and resolves with its exit code; null where it was killed. May be called again. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts `ftpd ROOT --port 0`, resolves when it has logged its address; `args` may name another port. */
export async function startDaemon(root: string, args: readonly string[] = []): Promise<DaemonProcess> {
  const child = spawn(process.execPath, [FTPD, root, '--port', '0', '--log-format', 'json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const url = await Promise.race([addressIn(child), exited.then(([code]) => failed(code))])
  const daemon: DaemonProcess = {
    url,
    port: Number(new URL(url).port),
    process: child,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return (await exited)[0]
    },
    async [Symbol.asyncDispose]() {
      await daemon.stop('SIGKILL')
    },
  }
  return daemon
}

async function addressIn({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('ftpd has no stdout')
  for await (const line of createInterface({ input: stdout })) {
    const url = /jftp:\/\/[^/"\s]+/.exec(line)?.[0]
    if (url === undefined) continue
    // What it logs later must not fill the pipe.
    stdout.resume()
    return url
  }
  throw new Error('ftpd closed its log before it was ready')
}

function failed(code: number | null): never {
  throw new Error(`ftpd ended with ${code} before it was ready`)
}
