import type { Address } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { connectTo, exchange, readAll, readSome } from './clients.js'
import { RecordingMixIn } from './recording.js'
import { columns, concurrentColumns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const handler = fixture('asking-handler.js')

const ask = async (address: Address, ...questions: unknown[]) => {
  const lines = questions.map((question) =>
    typeof question === 'string' ? question : JSON.stringify(question),
  )
  const answers = await exchange(address, lines.map((line) => `${line}\n`).join(''))
  return answers
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe.each(columns)('%sTCPServer: a handler that asks', (column) => {
  it('gets what handleQuestion returns, or what it rejects with', async () => {
    class Server extends tcpServerClass(column) {
      override handleQuestion(question: unknown): unknown {
        if (question instanceof Map) return question
        const { now, later, fail, reject } = question as Record<string, unknown>
        if (fail) throw Object.assign(new RangeError(`${fail}`), { code: 'E_FAIL' })
        if (reject) return Promise.reject(Object.assign(new Error(`${reject}`), { code: 7 }))
        return now ?? Promise.resolve({ later })
      }
    }
    const server = await Server.listen(anywhere, handler, workers(column, 2))
    const serving = server.serveForever()
    expect(
      await ask(
        server.serverAddress,
        { now: [1] },
        { later: 'x' },
        'map',
        { fail: 'no' },
        { reject: 'never' },
      ),
    ).toEqual([
      { answer: [1] },
      { answer: { later: 'x' } },
      [['key', { 0: 1, 1: 2 }]],
      { name: 'RangeError', message: 'no', code: 'E_FAIL' },
      { name: 'Error', message: 'never', code: 7 },
    ])
    await server.serverClose()
    await serving
  })

  it('is told from others by the request that the other hooks get', async () => {
    const visits = new Map<unknown, number>()
    const closed: unknown[] = []
    class Server extends tcpServerClass(column) {
      override async processRequest(request: never, clientAddress: Address) {
        visits.set(request, 0)
        await super.processRequest(request, clientAddress)
      }
      override handleQuestion(_question: unknown, request: unknown, clientAddress: Address): unknown {
        const visit = (visits.get(request) ?? Number.NaN) + 1
        visits.set(request, visit)
        return { visit, clientAddress }
      }
      override closeRequest(request: never): void {
        closed.push(request)
        void super.closeRequest(request)
      }
    }
    const server = await Server.listen(anywhere, handler, workers(column, 2))
    const serving = server.serveForever()
    for (const counts of [[1, 2, 3], [1]]) {
      const socket = await connectTo(server.serverAddress)
      const { port } = socket.address() as { port: number }
      const answers = counts.map(
        (visit) => `{"answer":{"visit":${visit},"clientAddress":["127.0.0.1",${port}]}}\n`,
      )
      socket.end('{}\n'.repeat(counts.length))
      expect(await readAll(socket)).toBe(answers.join(''))
    }
    await server.serverClose()
    await serving
    expect([...visits.keys()]).toEqual(expect.arrayContaining([...new Set(closed)]))
    expect(visits.size).toBe(2)
  })

  it('is told what to override, and by CLOSED that its request is over', async () => {
    const server = await RecordingMixIn(tcpServerClass(column)).listen(anywhere, handler, workers(column, 2))
    const serving = server.serveForever()
    expect(await ask(server.serverAddress, {}, 'late')).toEqual([
      {
        name: 'SocketServerError',
        message: expect.stringContaining('override handleQuestion'),
        code: 'NO_ANSWER',
      },
      'soon',
    ])
    await server.until(() => server.messages.length === 1)
    expect(server.messages).toEqual(['CLOSED'])
    await server.serverClose()
    await serving
  })

  it('may await shutdown(), and the loop ends', async () => {
    const server = await tcpServerClass(column).listen(anywhere, handler, workers(column, 2))
    const serving = server.serveForever()
    expect(await ask(server.serverAddress, 'shutdown')).toEqual([true])
    await serving
    await server.serverClose()
  })

  it('is rejected when the server cuts requests off without an answer', async () => {
    let asked = () => {}
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    class Server extends RecordingMixIn(tcpServerClass(column)) {
      override handleQuestion(): unknown {
        asked()
        return new Promise(() => {})
      }
    }
    const server = await Server.listen(anywhere, handler, workers(column, 2))
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    socket.write('{}\n')
    await wasAsked
    server.closeAllRequests()
    expect(await readAll(socket)).toBe('')
    await server.serverClose()
    await serving
    expect(server.activeRequests).toBe(0)
  })
})

describe('what can not be cloned', () => {
  it.each(['Threading', 'Forking'] as const)(
    '%sTCPServer: is the error of who asks or answers',
    async (column) => {
      class Server extends tcpServerClass(column) {
        override handleQuestion(): unknown {
          return () => {}
        }
      }
      const server = await Server.listen(anywhere, handler, { ...workers(column) })
      const serving = server.serveForever()
      const [question, answer] = await ask(server.serverAddress, 'function', {})
      for (const { message } of [question, answer]) expect(message).toContain('could not be cloned')
      await server.serverClose()
      await serving
    },
  )
})

describe.each(concurrentColumns)('%sTCPServer: many questions at once', (column) => {
  it('are answered in the order of their answers', async () => {
    const waiting = new Map<number, (answer: string) => void>()
    class Server extends tcpServerClass(column) {
      override handleQuestion(question: unknown): unknown {
        return new Promise((resolve) => waiting.set(question as number, resolve))
      }
    }
    const server = await Server.listen(anywhere, handler, workers(column, 2))
    const serving = server.serveForever()
    const [first, second] = [await connectTo(server.serverAddress), await connectTo(server.serverAddress)]
    first.write('1\n')
    second.write('2\n')
    while (waiting.size < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    waiting.get(2)?.('two')
    expect(await readSome(second)).toBe('{"answer":"two"}\n')
    waiting.get(1)?.('one')
    expect(await readSome(first)).toBe('{"answer":"one"}\n')
    for (const socket of [first, second]) socket.destroy()
    await server.serverClose()
    await serving
  })
})
