import { TCPServer } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { connectTo, exchange, readAll, readSome } from './clients.js'
import { RecordingMixIn } from './recording.js'
import { columns, concurrentColumns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const

async function record(column: (typeof columns)[number], handler: string, options = {}) {
  const Server = RecordingMixIn(tcpServerClass(column))
  const server = await Server.listen(anywhere, fixture(handler), { ...workers(column), ...options })
  return { server, serving: server.serveForever() }
}

describe.each(columns)('%sTCPServer: an error in a handler', (column) => {
  it('reaches handleError with its class, code and message, and the server goes on', async () => {
    const { server, serving } = await record(column, 'command-handler.js')
    expect(await exchange(server.serverAddress, 'echo sent\nthrow on purpose\necho never\n')).toBe('sent\n')
    expect(await exchange(server.serverAddress, 'echo fine\n')).toBe('fine\n')
    await server.until(() => server.shutDown.length === 2)
    expect(server.errors).toHaveLength(1)
    expect(server.errors[0]?.error).toBeInstanceOf(RangeError)
    expect(server.errors[0]?.error).toMatchObject({ message: 'on purpose', code: 'TRIED' })
    expect(server.errors[0]?.error.stack).toContain('command-handler.js')
    expect(server.errors[0]?.clientAddress[0]).toBe('127.0.0.1')
    await server.serverClose()
    await serving
  })

  it.each([
    ['setup', ['setup']],
    ['handle', ['setup', 'handle', 'finish']],
    ['finish', ['setup', 'handle', 'finish']],
  ])('thrown in %s: finish runs whenever setup succeeded', async (method, ran) => {
    const { server, serving } = await record(column, 'throwing-handler.js', { context: method })
    expect(await exchange(server.serverAddress, '')).toBe('')
    await server.until(() => server.shutDown.length === 1)
    expect(server.messages).toEqual(ran)
    expect(server.errors.map(({ error }) => error.message)).toEqual([`thrown in ${method}`])
    await server.serverClose()
    await serving
  })
})

describe.each(['Threading', 'Forking'] as const)('%sTCPServer: a worker that dies', (column) => {
  it.each([
    ['exit 3', /exit code 3/],
    ['crash', /exit code 1/],
  ])('by "%s" fails its own requests only, and is replaced', async (command, message) => {
    const options = { ...workers(column, 2) }
    const { server, serving } = await record(column, 'command-handler.js', options)
    // Least loaded first: these two are in different workers, and the third beside the first.
    const [one, other, third] = [
      await connectTo(server.serverAddress),
      await connectTo(server.serverAddress),
      await connectTo(server.serverAddress),
    ]
    for (const socket of [one, other, third]) socket.write('where\n')
    const [here, elsewhere, hereToo] = await Promise.all([readSome(one), readSome(other), readSome(third)])
    expect(here).not.toBe(elsewhere)
    expect(hereToo).toBe(here)

    const ended = [readAll(one), readAll(third)]
    one.write(`${command}\n`)
    expect(await Promise.all(ended)).toEqual(['', ''])
    await server.until(() => server.errors.length === 2 && server.workerExits.length === 1)
    for (const { error } of server.errors) expect(error).toMatchObject({ code: 'WORKER_EXITED' })
    expect(server.errors[0]?.error.message).toMatch(message)

    other.write('where\n')
    expect(await readSome(other)).toBe(elsewhere)
    const replaced = await exchange(server.serverAddress, 'where\n')
    expect([here, elsewhere]).not.toContain(replaced)
    other.destroy()
    await server.serverClose()
    await serving
  })
})

describe('other deaths', () => {
  it('a child that is killed with SIGKILL is reaped, reported and replaced', async () => {
    const { server, serving } = await record('Forking', 'command-handler.js')
    const socket = await connectTo(server.serverAddress)
    socket.write('where\n')
    const pid = Number.parseInt(await readSome(socket), 10)
    const ended = readAll(socket)
    expect((server as unknown as { activeChildren: Set<number> }).activeChildren).toEqual(new Set([pid]))
    process.kill(pid, 'SIGKILL')
    expect(await ended).toBe('')
    await server.until(() => server.errors.length === 1)
    expect(server.errors[0]?.error).toMatchObject({
      code: 'WORKER_EXITED',
      message: expect.stringContaining('SIGKILL'),
    })
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(Number.parseInt(await exchange(server.serverAddress, 'where\n'), 10)).not.toBe(pid)
    await server.serverClose()
    await serving
  })

  it('a child that has closed its channel gets no further request, and is ended', async () => {
    const { server, serving } = await record('Forking', 'command-handler.js')
    const socket = await connectTo(server.serverAddress)
    const ended = readAll(socket)
    socket.write('closeChannel\n')
    const pid = Number.parseInt(await readSome(socket), 10)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const other = await exchange(server.serverAddress, 'where\n')
    expect(other).toMatch(/^\d/)
    expect(Number.parseInt(other, 10)).not.toBe(pid)
    await ended
    await server.until(() => server.errors.length === 1)
    expect(server.errors[0]?.error).toMatchObject({ code: 'WORKER_EXITED' })
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await server.serverClose()
    await serving
  })

  it('a thread that runs out of memory takes nobody along', async () => {
    const threadLimits = { maxOldGenerationSizeMb: 24 }
    const { server, serving } = await record('Threading', 'command-handler.js', { threadLimits })
    expect(await exchange(server.serverAddress, 'exhaustMemory\n')).toBe('')
    await server.until(() => server.errors.length === 1)
    expect(server.errors[0]?.error.message).toContain('memory')
    expect(await exchange(server.serverAddress, 'echo alive\n')).toBe('alive\n')
    await server.serverClose()
    await serving
  })
})

describe('a handler that can not be had', () => {
  it.each(columns)('%sTCPServer says so before it serves', async (column) => {
    const Server = tcpServerClass(column)
    for (const name of ['no-such-module.js', 'no-class.js', 'broken-module.js']) {
      const server = new Server(anywhere, fixture(name), workers(column))
      await expect(server.ready).rejects.toMatchObject({ code: 'BAD_HANDLER' })
      expect(server.fileno()).toBe(-1)
    }
  })

  it.each(['Threading', 'Forking'] as const)(
    '%sTCPServer wants a URL, and what can be cloned',
    async (column) => {
      const Server = tcpServerClass(column)
      await expect(Server.listen(anywhere, class {} as never, workers(column))).rejects.toMatchObject({
        code: 'BAD_HANDLER',
      })
      const context = () => {}
      await expect(
        Server.listen(anywhere, fixture('command-handler.js'), { ...workers(column), context }),
      ).rejects.toThrow('clone')
    },
  )
})

describe('errors of hooks', () => {
  it.each(columns)(
    '%sTCPServer: verifyRequest and handleError themselves never end the loop',
    async (column) => {
      const seen: unknown[] = []
      class Server extends tcpServerClass(column) {
        override verifyRequest(): boolean {
          if (seen.length === 0) throw new Error('verify failed')
          return true
        }
        override handleError(_request: unknown, _clientAddress: unknown, error: unknown): void {
          seen.push(error)
        }
      }
      const server = await Server.listen(anywhere, fixture('command-handler.js'), workers(column))
      const serving = server.serveForever()
      expect(await exchange(server.serverAddress, 'echo no\n')).toBe('')
      expect(await exchange(server.serverAddress, 'echo yes\n')).toBe('yes\n')
      expect(seen).toHaveLength(1)
      await server.serverClose()
      await serving
    },
  )

  it('getRequest: if it throws a system error, the client has gone, and nobody is told', async () => {
    const seen: unknown[] = []
    class Server extends TCPServer {
      override getRequest(): never {
        this.arrivals.shift()
        throw Object.assign(new Error('gone'), { syscall: 'accept' })
      }
      override handleError(_request: unknown, _clientAddress: unknown, error: unknown): void {
        seen.push(error)
      }
    }
    const server = await Server.listen(anywhere, fixture('command-handler.js'))
    const answer = exchange(server.serverAddress, 'echo no\n')
    await server.handleRequest()
    expect(await answer).toBe('')
    expect(seen).toEqual([])
    await server.serverClose()
  })
})

describe('the peer', () => {
  it.each(concurrentColumns)(
    '%sTCPServer: its reset is an error in the handler and nothing else',
    async (column) => {
      const { server, serving } = await record(column, 'command-handler.js')
      const socket = await connectTo(server.serverAddress)
      socket.write('echo ready\n')
      await readSome(socket)
      socket.resetAndDestroy()
      await server.until(() => server.shutDown.length === 1)
      expect(server.errors.map(({ error }) => error.code)).toEqual(['ECONNRESET'])
      expect(await exchange(server.serverAddress, 'echo fine\n')).toBe('fine\n')
      await server.serverClose()
      await serving
    },
  )
})
