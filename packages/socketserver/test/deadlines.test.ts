import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { connectTo, exchange, readAll, readSome } from './clients.js'
import { RecordingMixIn } from './recording.js'
import { type Column, columns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const workerColumns = ['Threading', 'Forking'] as const
/** Each way not to return, with the concurrency models that can stop it. */
const stuck = [
  ...columns.map((column) => [column, 'waitForEver'] as const),
  ...workerColumns.map((column) => [column, 'loopForEver'] as const),
]

async function serve(column: Column, options = {}) {
  const server = await RecordingMixIn(tcpServerClass(column)).listen(
    anywhere,
    fixture('command-handler.js'),
    {
      ...workers(column),
      ...options,
    },
  )
  return { server, serving: server.serveForever() }
}

/** Sends a command that answers with its place; resolves when it runs. */
async function begin(server: { readonly serverAddress: readonly [string, number] }, command: string) {
  const socket = await connectTo(server.serverAddress)
  socket.on('error', () => {})
  socket.write(`${command}\n`)
  const place = await readSome(socket)
  return { socket, pid: Number.parseInt(place, 10), place }
}

/** Whether a process runs: a zombie does not. */
function runs(pid: number): boolean {
  try {
    const [, state] = /^\d+ \(.*\) (\w)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}

async function ended(pid: number): Promise<void> {
  while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe.each(stuck)('%sTCPServer with a handler that will %s', (column, command) => {
  it('is closed by its deadline', async () => {
    const { server, serving } = await serve(column)
    const { socket, pid } = await begin(server, command)
    const answer = readAll(socket)
    await server.serverClose({ timeout: 20 })
    await serving
    expect(server.activeRequests).toBe(0)
    expect(server.errors.map(({ error }) => error.code)).toEqual(['TIMED_OUT'])
    if (column === 'Forking') expect(runs(pid)).toBe(false)
    expect(await answer).toBe('')
  })

  it('is shut down by its deadline, and serves again', async () => {
    const { server, serving } = await serve(column)
    const { socket, place } = await begin(server, command)
    await server.shutdown({ timeout: 20 })
    await serving
    expect(server.activeRequests).toBe(0)
    expect(server.errors.map(({ error }) => error.code)).toEqual(['TIMED_OUT'])
    const again = server.serveForever()
    const now = await exchange(server.serverAddress, 'where\n')
    if (column === 'Threading' || column === 'Forking') expect(now).not.toBe(place)
    socket.destroy()
    await server.serverClose()
    await again
  })

  it('goes on after handlerTimeout', async () => {
    const { server, serving } = await serve(column, { handlerTimeout: 1_000 })
    const { socket } = await begin(server, command)
    expect(await readAll(socket)).toBe('')
    await server.until(() => server.errors.length === 1)
    expect(server.errors[0]?.error).toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('1000 ms'),
    })
    // On a busy machine even a handler that answers at once could take longer.
    server.handlerTimeout = null
    expect(await exchange(server.serverAddress, 'echo alive\n')).toBe('alive\n')
    await server.serverClose()
    await serving
  })
})

describe.each(columns)('%sTCPServer: a deadline', (column) => {
  it('lets handlers tidy up when it closes their requests', async () => {
    const { server, serving } = await serve(column)
    const { socket } = await begin(server, 'tidyUp')
    await server.serverClose({ timeout: 20 })
    await serving
    expect(server.messages).toEqual(['tidied up'])
    expect(server.errors.map(({ error }) => error.code)).toEqual(['TIMED_OUT'])
    socket.destroy()
  })

  it('does nothing to handlers that keep it', async () => {
    const { server, serving } = await serve(column, { handlerTimeout: 50_000 })
    const { socket } = await begin(server, 'where')
    const closing = server.serverClose({ timeout: 50_000 })
    socket.end('echo in time\n')
    expect(await readAll(socket)).toBe('in time\n')
    await closing
    await serving
    expect(server.errors).toEqual([])
  })
})

describe.each(workerColumns)('%sTCPServer: handlerTimeout', (column) => {
  it('ends no worker whose handler only waits, for it has other requests', async () => {
    const { server, serving } = await serve(column)
    // The other request is there all the time, and has no deadline of its own.
    const other = await begin(server, 'where')
    server.handlerTimeout = 1_000
    const { socket, place } = await begin(server, 'waitForEver')
    server.handlerTimeout = null
    expect(place).toBe(other.place)
    await server.until(() => server.errors.length > 0)
    other.socket.write('where\n')
    expect(await readSome(other.socket)).toBe(place)
    expect(await exchange(server.serverAddress, 'where\n')).toBe(place)
    expect(server.errors.map(({ error }) => error.code)).toEqual(['TIMED_OUT'])
    expect(server.workerExits).toEqual([])
    for (const client of [socket, other.socket]) client.destroy()
    await server.serverClose()
    await serving
  })
})

describe('a handler that never returns', () => {
  it.each(['close', 'close without blocking'])(
    'ForkingTCPServer, ThreadingTCPServer: %s ends the process',
    async (end) => {
      for (const column of workerColumns) {
        const child = spawn(process.execPath, [fixture('end-with-loop.js').pathname, column, end])
        let output = ''
        child.stdout.on('data', (text) => {
          output += text
        })
        const [code] = await once(child, 'exit')
        expect(code).toBe(0)
        expect(output).toContain('ready')
      }
    },
  )

  it.skipIf(process.platform !== 'linux').each([
    ['SIGKILL', 'stay'],
    ['SIGTERM', 'stay'],
    ['nothing', 'process.exit'],
    ['nothing', 'throw'],
  ] as const)('in a child ends with the server that ends by %s, %s', async (signal, end) => {
    const server = spawn(process.execPath, [fixture('end-with-loop.js').pathname, 'Forking', end], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    server.stdout.on('data', (text) => {
      output += text
    })
    while (!output.includes('\n') || (end === 'stay' && !output.includes('ready')))
      await once(server.stdout, 'data')
    const pid = Number.parseInt(output, 10)
    expect(pid).toBeGreaterThan(1)
    if (signal !== 'nothing') {
      expect(runs(pid)).toBe(true)
      server.kill(signal)
    }
    await ended(pid)
    expect(runs(pid)).toBe(false)
  })
})
