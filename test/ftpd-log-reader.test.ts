import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

const FTPD = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))

/** Enough for lines of several times what a pipe holds. */
const PUTS = 3000

test.each(['stops reading', 'goes away'])(
  'a reader of the log that %s does not stop the daemon',
  async (how) => {
    using folder = tempFolder('in memory')
    const child = spawn(process.execPath, [FTPD, folder.path, '--port', '0', '--log-format', 'json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      child.stdout.pause()
      if (how === 'goes away') child.stdout.destroy()
      const { url } = JSON.parse(line.toString()) as { url: string }
      using client = await RawClient.login(Number(new URL(url).port))
      for (let id = 0; id < PUTS; id++) {
        client.send(say.eagerPut(id, `/file-${id % 10}`, 'content'))
        expect(await client.ack(id)).toMatchObject({ ok: true, status: 'stored' })
      }
      child.kill('SIGTERM')
      expect(await exited).toEqual([0, null])
    } finally {
      child.kill('SIGKILL')
    }
  },
)
