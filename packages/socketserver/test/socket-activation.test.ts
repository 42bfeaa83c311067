import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { BaseRequestHandler, TCPServer } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { exchange } from './clients.js'
import { columns, fixture } from './server-table.js'

describe.skipIf(process.platform === 'win32')('socket activation', () => {
  it.each(columns)('%sTCPServer serves a descriptor that was opened for it', async (column) => {
    const opener = await TCPServer.listen(['127.0.0.1', 0], BaseRequestHandler)
    // As a service manager does it: descriptor 3, and LISTEN_PID is the process that runs in the end.
    const child = spawn(
      'sh',
      [
        '-c',
        'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"',
        process.execPath,
        fixture('activated.js').pathname,
        `${column}TCPServer`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit', opener.fileno()] },
    )
    const [address] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
    expect(JSON.parse(address)).toEqual(opener.serverAddress)
    await opener.serverClose()
    expect(await exchange(opener.serverAddress, 'echo activated\n')).toBe('activated\n')
    child.kill()
    await once(child, 'exit')
  })
})
