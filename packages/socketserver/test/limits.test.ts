import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, AsyncTCPServer, TCPServer, UnixStreamServer } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { connectTo, exchange, readAll, readSome } from './clients.js'
import { type Column, columns, concurrentColumns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const handler = fixture('command-handler.js')

async function connectMany(address: Address, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    // A Unix client whose server's queue is full fails at once, and one connection is accepted a turn of the loop.
    const more = typeof address === 'string' ? 1 : Math.min(50, count - sockets.length)
    sockets.push(...(await Promise.all(Array.from({ length: more }, () => connectTo(address)))))
    for (const socket of sockets.slice(-more)) socket.on('error', () => {})
  }
  return sockets
}

/** Descriptors of this process that are connections to a server: both ends are here. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50))

describe('requestQueueSize', () => {
  it.each([
    ['TCPServer', TCPServer, () => anywhere],
    ['UnixStreamServer', UnixStreamServer, (folder: string) => join(folder, 'server')],
  ] as const)(
    '%s holds no more connections than it says; the rest wait in the kernel and are served',
    async (_, base, at) => {
      const folder = mkdtempSync(join(tmpdir(), 'socketserver-'))
      class Server extends (base as typeof TCPServer) {
        get waiting() {
          return this.arrivals.size
        }
      }
      const server = await Server.listen(at(folder) as typeof anywhere, handler, { requestQueueSize: 20 })
      const serving = server.serveForever()
      const slow = await connectTo(server.serverAddress)
      slow.write('echo first\n')
      await readSome(slow)
      const others = await connectMany(server.serverAddress, 30)
      await settle()
      expect(server.waiting).toBe(20)
      const answers = others.map(readAll)
      for (const [index, socket] of others.entries()) socket.end(`echo ${index}\n`)
      await settle()
      expect(server.waiting).toBe(20)
      slow.end()
      expect(await Promise.all(answers)).toEqual(others.map((_, index) => `${index}\n`))
      slow.destroy()
      await server.serverClose()
      await serving
      rmSync(folder, { recursive: true })
    },
  )
})

describe.each(columns)('%sTCPServer: maxConnections', (column) => {
  it('tells a surplus connection what handleOverload says, and serves again when there is room', async () => {
    const refused: unknown[] = []
    class Server extends tcpServerClass(column) {
      override async handleOverload(request: Socket, clientAddress: Address) {
        refused.push(clientAddress)
        await new Promise((resolve) => request.write('too many\n', resolve))
      }
    }
    const server = await Server.listen(anywhere, handler, { ...workers(column), maxConnections: 2 })
    const serving = server.serveForever()
    const [one, two] = [await connectTo(server.serverAddress), await connectTo(server.serverAddress)]
    one.write('echo one\n')
    expect(await readSome(one)).toBe('one\n')
    const others = await connectMany(server.serverAddress, 100)
    expect(await Promise.all(others.map(readAll))).toEqual(others.map(() => 'too many\n'))
    expect(refused).toHaveLength(100)
    one.end()
    two.end('echo two\n')
    expect(await readAll(two)).toBe('two\n')
    await server.requestsEnded()
    expect(await exchange(server.serverAddress, 'echo room\n')).toBe('room\n')
    one.destroy()
    await server.serverClose()
    await serving
  })
})

describe('handleOverload', () => {
  it('may fail or never end: the connection is closed all the same', async () => {
    const errors: unknown[] = []
    let calls = 0
    class Server extends AsyncTCPServer {
      override async handleOverload(): Promise<void> {
        calls += 1
        if (calls === 1) throw new Error('overload failed')
        await new Promise(() => {})
      }
      override handleError(_request: unknown, _clientAddress: unknown, error: unknown) {
        errors.push(error)
      }
    }
    const server = await Server.listen(anywhere, handler, { maxConnections: 1 })
    const serving = server.serveForever()
    const one = await connectTo(server.serverAddress)
    one.write('echo one\n')
    await readSome(one)
    for (const _ of ['throws', 'hangs']) expect(await readAll(await connectTo(server.serverAddress))).toBe('')
    expect(errors).toEqual([expect.objectContaining({ message: 'overload failed' })])
    one.destroy()
    await server.serverClose()
    await serving
  })
})

/** Starts a server in a process that may have 64 descriptors. */
async function startWithFewDescriptors(column: Column) {
  const start = `ulimit -n 64; exec "$0" "$@"`
  const child = spawn('sh', ['-c', start, process.execPath, fixture('few-descriptors.js').pathname, column])
  const server = {
    child,
    output: '',
    port: 0,
    async until(text: string, times = 1) {
      while (server.output.split(text).length <= times) await once(child.stdout, 'data')
    },
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
  child.stdout.on('data', (text) => {
    server.output += text
  })
  child.stderr.pipe(process.stderr)
  await server.until('\n')
  server.port = Number.parseInt(server.output, 10)
  return server
}

describe.skipIf(process.platform !== 'linux')('out of descriptors', () => {
  it.each(concurrentColumns)(
    '%sTCPServer reports it; clients wait, none is dropped, and all are served when some are free',
    async (column) => {
      const server = await startWithFewDescriptors(column)
      const sockets = await connectMany(['127.0.0.1', server.port], 100)
      let dropped = 0
      for (const socket of sockets) socket.on('end', () => (dropped += 1))
      await server.until('EMFILE')
      const answered = new Set<Socket>()
      for (const socket of sockets) socket.once('data', () => answered.add(socket))
      for (const socket of sockets) socket.write('echo hello\n')
      while (answered.size < 10) await settle()
      await settle()
      expect(answered.size).toBeLessThan(64)
      expect(dropped).toBe(0)
      // A server that spins would use about all of this time.
      server.child.kill('SIGUSR2')
      await server.until('cpu')
      await new Promise((resolve) => setTimeout(resolve, 500))
      server.child.kill('SIGUSR2')
      await server.until('cpu', 2)
      const [before = 0, after = 0] = [...server.output.matchAll(/cpu (\d+)/g)].map(([, ms]) => Number(ms))
      expect(after - before).toBeLessThan(200)
      // Whoever has been served leaves, so that descriptors run out again and again, until all have been served.
      while (answered.size + dropped < sockets.length) {
        for (const socket of answered) socket.destroy()
        await settle()
      }
      expect(dropped).toBe(0)
      expect(server.output.match(/EMFILE/g)?.length).toBeLessThan(20)
      for (const socket of sockets) socket.destroy()
      await server.stop()
    },
  )

  it.each(columns)(
    '%sTCPServer drops nobody if its oldest clients leave first, one after another',
    async (column) => {
      const server = await startWithFewDescriptors(column)
      const sockets = await connectMany(['127.0.0.1', server.port], 100)
      await server.until('EMFILE')
      const answers = sockets.map(readSome)
      for (const socket of sockets) socket.write('echo hello\n')
      // The newest connections have the highest numbers, and keep them while the lower ones become free.
      for (const [index, answer] of answers.entries()) {
        expect(await answer).toBe('hello\n')
        sockets[index]?.destroy()
        if (index < 40) await settle()
      }
      await server.stop()
    },
  )
})

describe.each(concurrentColumns)('%sTCPServer: verifyRequest that waits', (column) => {
  it('is awaited for many clients side by side, and keeps those it refuses out', async () => {
    const waiting: (() => void)[] = []
    let verified = 0
    class Server extends tcpServerClass(column) {
      override async verifyRequest() {
        verified += 1
        const isOdd = verified % 2 === 1
        await new Promise<void>((resolve) => waiting.push(resolve))
        return isOdd
      }
    }
    const server = await Server.listen(anywhere, handler, workers(column))
    const serving = server.serveForever()
    const sockets = await connectMany(server.serverAddress, 40)
    const answers = sockets.map(readAll)
    for (const socket of sockets) socket.end('echo in\n')
    while (waiting.length < 40) await settle()
    for (const goOn of waiting) goOn()
    const texts = await Promise.all(answers)
    expect(texts.filter((text) => text === 'in\n')).toHaveLength(20)
    expect(texts.filter((text) => text === '')).toHaveLength(20)
    await server.serverClose()
    await serving
  })

  it('turns clients away that it lets in after serverClose()', async () => {
    let letIn = () => {}
    class Server extends tcpServerClass(column) {
      override verifyRequest() {
        return new Promise<boolean>((resolve) => {
          letIn = () => resolve(true)
        })
      }
    }
    const server = await Server.listen(anywhere, handler, workers(column))
    const serving = server.serveForever()
    const answer = exchange(server.serverAddress, 'echo in\n')
    await settle()
    await server.serverClose()
    letIn()
    expect(await answer).toBe('')
    await serving
  })
})
