import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Address,
  BaseRequestHandler,
  type BaseServer,
  TCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from '@jftp/socketserver'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exchange, exchangeDatagram } from './clients.js'
import { columns, fixture, hasKoffi, hasUnixDatagrams } from './server-table.js'
import { exchangeUnixDatagram, sendUnixDatagram } from './unix-datagram-client.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const rows: Record<
  string,
  { open: () => Promise<BaseServer>; handler: string; ask: (at: never) => Promise<string> }
> = {
  TCP: {
    open: () => TCPServer.listen(['127.0.0.1', 0], BaseRequestHandler),
    handler: './line-handler.js',
    ask: (address) => exchange(address, 'activated\n'),
  },
  UDP: {
    open: () => UDPServer.listen(['127.0.0.1', 0], BaseRequestHandler) as Promise<BaseServer>,
    handler: './datagram-line-handler.js',
    ask: (address) => exchangeDatagram(address, 'activated\n'),
  },
  UnixStream: {
    open: () => UnixStreamServer.listen(join(folder, 'server'), BaseRequestHandler),
    handler: './line-handler.js',
    ask: () => exchange(join(folder, 'moved'), 'activated\n'),
  },
}

describe.skipIf(process.platform !== 'linux')('socket activation', () => {
  const cases = Object.keys(rows).flatMap((transport) =>
    columns.map((column) => [column, transport] as const),
  )
  it.each(cases)(
    '%s%sServer serves a descriptor that another process has opened',
    async (column, transport) => {
      const { open, handler, ask } = rows[transport] as (typeof rows)[string]
      const opener = await open()
      // As a service manager does it: descriptor 3, and LISTEN_PID is the process that runs in the end.
      const child = spawn(
        'sh',
        [
          '-c',
          'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"',
          process.execPath,
          fixture('activated.js').pathname,
          `${column}${transport}Server`,
          handler,
        ],
        { stdio: ['pipe', 'pipe', 'inherit', opener.fileno()] },
      )
      const [address] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
      expect(JSON.parse(address)).toEqual(opener.serverAddress)
      // Closing removes the path, but not the socket that is bound to it.
      if (transport === 'UnixStream') renameSync(join(folder, 'server'), join(folder, 'moved'))
      await opener.serverClose()
      for (const _ of ['first', 'second'])
        expect(await ask(opener.serverAddress as Address as never)).toBe('activated\n')
      child.stdin?.end()
      await once(child, 'exit')
    },
  )

  it.skipIf(!hasUnixDatagrams || !hasKoffi).each(columns)(
    '%sUnixDatagramServer serves a descriptor that another process has opened',
    async (column) => {
      const path = join(folder, 'server')
      const args = [path, `${column}UnixDatagramServer`, './datagram-line-handler.js']
      const child = spawn(process.execPath, [fixture('open-unix-datagram.js').pathname, ...args])
      child.stderr.pipe(process.stderr)
      const [address] = await once(child.stdout, 'data')
      expect(JSON.parse(address)).toBe(path)
      for (const text of ['first\n', 'second\n'])
        expect(await exchangeUnixDatagram(path, join(folder, 'client'), text)).toBe(text)
      child.stdin.end()
      await once(child.stdout, 'data')
      for (let count = 0; count < 5; count += 1) await sendUnixDatagram(path, 'too late')
      expect(await once(child, 'exit')).toEqual([0, null])
    },
  )

  it('refuses a descriptor of another kind', async () => {
    const tcp = await TCPServer.listen(['127.0.0.1', 0], BaseRequestHandler)
    const unix = await UnixStreamServer.listen(join(folder, 'server'), BaseRequestHandler)
    await expect(UDPServer.listen({ fd: tcp.fileno() }, BaseRequestHandler)).rejects.toThrow()
    for (const fd of [tcp.fileno(), unix.fileno(), 100_000]) {
      await expect(UnixDatagramServer.listen({ fd }, BaseRequestHandler)).rejects.toMatchObject({
        code: 'BAD_OPTION',
        message: expect.stringContaining(`descriptor ${fd} is not a Unix datagram socket`),
      })
    }
    await tcp.serverClose()
    await unix.serverClose()
  })
})
