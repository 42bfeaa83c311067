import { AsyncTCPServer, TCPServer } from '@jftp/socketserver'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connectTo, exchange, readAll } from './clients.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const handler = fixture('command-handler.js')

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(columns)('%sTCPServer: a hook that fails', (column) => {
  it.each(['throws', 'rejects'])(
    'and %s is an error for handleError, and the server goes on',
    async (way) => {
      const errors: string[] = []
      const fail = (hook: string): undefined | Promise<never> => {
        const error = new Error(hook)
        if (way === 'throws') throw error
        return Promise.reject(error)
      }
      class Server extends tcpServerClass(column) {
        override handleMessage() {
          return fail('handleMessage')
        }
        override closeRequest(request: never) {
          void super.closeRequest(request)
          return fail('closeRequest')
        }
        handleWorkerExit() {
          return fail('handleWorkerExit')
        }
        override async handleError(_request: unknown, _clientAddress: unknown, error: unknown) {
          errors.push((error as Error).message)
        }
      }
      const server = await Server.listen(anywhere, handler, workers(column))
      const serving = server.serveForever()
      expect(await exchange(server.serverAddress, 'tell news\necho fine\n')).toBe('fine\n')
      if ('handleWorkerExit' in server && (column === 'Threading' || column === 'Forking')) {
        await exchange(server.serverAddress, 'exit 1\n')
        while (!errors.includes('handleWorkerExit')) await new Promise((resolve) => setTimeout(resolve, 5))
        // The request of the worker that died comes first.
        const died = errors.findIndex((message) => message.includes('exit code 1'))
        expect(died).toBeGreaterThanOrEqual(0)
        expect(died).toBeLessThan(errors.indexOf('handleWorkerExit'))
      }
      server.closeAllRequests()
      await server.serverClose()
      await serving
      expect(errors).toContain('handleMessage')
      expect(errors).toContain('closeRequest')
    },
  )
})

describe.each(columns)('%sTCPServer: a hook of the loop that fails', (column) => {
  const record = async (hooks: (fail: (hook: string) => any) => object, way: string) => {
    const errors: string[] = []
    const fail = (hook: string) => {
      const error = new Error(hook)
      if (way === 'throws') throw error
      return Promise.reject(error)
    }
    class Server extends tcpServerClass(column) {
      override async handleError(_request: unknown, _clientAddress: unknown, error: unknown) {
        errors.push((error as Error).message)
      }
    }
    const server = new Server(anywhere, handler, workers(column))
    Object.assign(server, hooks(fail))
    await server.ready
    return { server, errors }
  }

  it.each(['throws', 'rejects'])('(serviceActions, and it %s) does not end the loop', async (way) => {
    const { server, errors } = await record((fail) => ({ serviceActions: () => fail('serviceActions') }), way)
    const serving = server.serveForever()
    for (const text of ['one', 'two']) {
      expect(await exchange(server.serverAddress, `echo ${text}\n`)).toBe(`${text}\n`)
    }
    await server.serverClose()
    await serving
    expect(errors.length).toBeGreaterThanOrEqual(2)
    expect(new Set(errors)).toEqual(new Set(['serviceActions']))
  })

  it.each([
    ['throws', 'before it has taken the request'],
    ['rejects', 'before it has taken the request'],
    ['throws', 'after that'],
    ['rejects', 'after that'],
  ])('(getRequest, and it %s %s) costs that client its connection', async (way, when) => {
    let calls = 0
    const { server, errors } = await record(
      (fail) => ({
        getRequest(this: TCPServer) {
          calls += 1
          const request =
            calls > 1 || when === 'after that' ? TCPServer.prototype.getRequest.call(this) : null
          return calls > 1 ? request : fail('getRequest')
        },
      }),
      way,
    )
    const serving = server.serveForever()
    expect(await exchange(server.serverAddress, 'echo one\n')).toBe('')
    expect(await exchange(server.serverAddress, 'echo two\n')).toBe('two\n')
    expect(errors).toEqual(['getRequest'])
    await server.serverClose()
    await serving
  })

  it('(hasRoom) lets the request wait', async () => {
    let calls = 0
    const { server, errors } = await record(
      (fail) => ({
        hasRoom() {
          calls += 1
          return calls > 1 || fail('hasRoom')
        },
      }),
      'throws',
    )
    const serving = server.serveForever()
    const first = exchange(server.serverAddress, 'echo one\n')
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await exchange(server.serverAddress, 'echo two\n')).toBe('two\n')
    expect(await first).toBe('one\n')
    expect(errors).toEqual(['hasRoom'])
    await server.serverClose()
    await serving
  })

  it.each(['throws', 'rejects'])('(handleTimeout, and it %s) does not fail handleRequest()', async (way) => {
    const { server, errors } = await record((fail) => ({ handleTimeout: () => fail('handleTimeout') }), way)
    server.timeout = 1
    await server.handleRequest()
    expect(errors).toEqual(['handleTimeout'])
    await server.serverClose()
  })
})

describe('handleAcceptError', () => {
  it('that rejects is an error for handleError', async () => {
    const errors: unknown[] = []
    class Server extends AsyncTCPServer {
      override async handleAcceptError() {
        throw new Error('could not log')
      }
      override handleError(_request: unknown, _clientAddress: unknown, error: unknown) {
        errors.push(error)
      }
    }
    const server = await Server.listen(anywhere, handler)
    server.socket?.emit('error', new Error('accept failed'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(errors).toEqual([expect.objectContaining({ message: 'could not log' })])
    await server.serverClose()
  })
})

describe('handleError', () => {
  it.each(['throws', 'rejects'])(
    'that %s is reported on stderr once, with what it was called for',
    async (way) => {
      const written: string[] = []
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
        written.push(String(text))
        return true
      })
      class Server extends TCPServer {
        override handleError(): void | Promise<void> {
          const error = new Error('log is full')
          if (way === 'throws') throw error
          return Promise.reject(error)
        }
      }
      const server = await Server.listen(anywhere, handler)
      const socket = await connectTo(server.serverAddress)
      const answer = readAll(socket)
      socket.end('throw on purpose\n')
      await server.handleRequest()
      expect(await answer).toBe('')
      expect(written.filter((text) => text.includes('log is full'))).toHaveLength(1)
      expect(written.filter((text) => text.includes('on purpose'))).toHaveLength(1)
      await server.serverClose()
    },
  )
})
