import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Daemon {
  readonly url: string
  stop(): Promise<void>
}

/** Runs `ftpd ROOT --port 0` and waits until it says where it listens. */
export async function startDaemon(root: string): Promise<Daemon> {
  const program = fileURLToPath(new URL('../../bin/ftpd.js', import.meta.url))
  const child = spawn(
    process.execPath,
    [program, root, '--port', '0', '--anonymous', 'write', '--log-format', 'json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      // In a group of its own: Ctrl-C in the shell is not meant for it.
      detached: true,
    },
  )
  const exited = once(child, 'exit')
  let url: string | undefined
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const record = JSON.parse(line) as { type?: string; url?: string }
      if (record.type !== 'ready') return
      url = record.url
      resolve()
    })
  })
  await Promise.race([ready, exited])
  if (url === undefined) throw new Error('ftpd ended before it was ready')
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
