import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import * as socketserver from '@jftp/socketserver'
import {
  BaseRequestHandler,
  ForkingTCPServer,
  TCPServer,
  ThreadingTCPServer,
  UnixDatagramServer,
} from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { columns, fixture, serverClass, type Transport } from './server-table.js'

const source = fileURLToPath(new URL('../src', import.meta.url))

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** Every source file that is not a test, with its text. */
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(source, name), 'utf8') }))

describe('what the package exports', () => {
  it('is every server, mix-in and handler that its source has', () => {
    const published = /export (?:abstract )?(?:class|function) (\w*(?:Server|MixIn|RequestHandler))\b/g
    const internal = ['PoolMixIn', 'WorkerServer']
    const written = files.flatMap(({ text }) => [...text.matchAll(published)].map(([, name]) => name ?? ''))
    const expected = written.filter((name) => !internal.includes(name))
    expect(expected.length).toBeGreaterThan(20)
    expect(Object.keys(socketserver)).toEqual(expect.arrayContaining(expected))
  })

  it('is nothing else', () => {
    const others = Object.keys(socketserver).filter((name) => !/(Server|MixIn|RequestHandler)$/.test(name))
    expect(others.sort()).toEqual([
      'DatagramWriter',
      'SocketServerError',
      'StreamReader',
      'StreamWriter',
      'ThreadSocket',
      'listenDescriptors',
      'networksOf',
      'recycle',
      'sendOwned',
    ])
  })

  it('has a class for each place in the table, derived from its row', () => {
    for (const transport of ['TCP', 'UDP', 'UnixStream', 'UnixDatagram'] as Transport[]) {
      for (const column of columns) {
        const Server = serverClass(column, transport)
        expect(Server.name).toBe(`${column}${transport}Server`)
        expect(Server.prototype).toBeInstanceOf(socketserver.BaseServer)
        if (column !== '') expect(Server.prototype).toBeInstanceOf(serverClass('', transport))
      }
    }
  })
})

describe('a class where workers need the URL of a module', () => {
  it('is an error of the compiler, and when it runs', async () => {
    // @ts-expect-error: a class can't be sent to a thread.
    const threading = ThreadingTCPServer.listen(['127.0.0.1', 0], BaseRequestHandler)
    await expect(threading).rejects.toMatchObject({ code: 'BAD_HANDLER' })
    // @ts-expect-error: nor to a child.
    const forking = new ForkingTCPServer(['127.0.0.1', 0], BaseRequestHandler)
    await expect(forking.ready).rejects.toMatchObject({ code: 'BAD_HANDLER' })
    await expect(TCPServer.listen(['127.0.0.1', -1], BaseRequestHandler)).rejects.toThrow('port')
  })
})

describe('what the package imports', () => {
  it('is its own files and node, and two optional packages', () => {
    const imports = files.flatMap(({ text }) => [...text.matchAll(/(?:from|import\(|\bimport) '([^']+)'/g)])
    const foreign = imports
      .map(([, specifier]) => specifier ?? '')
      .filter((specifier) => !/^(\.|node:)/.test(specifier))
    expect(imports.length).toBeGreaterThan(100)
    expect(foreign).toEqual([])
    const required = files.flatMap(({ text }) =>
      [...text.matchAll(/createRequire\(\S+\)\('([^']+)'\)/g)].map(([, name]) => name),
    )
    expect(required.sort()).toEqual(['koffi', 'unix-dgram'])
  })
})

describe('the optional package', () => {
  it('says what to install where it can not be loaded', async () => {
    // A native module of its kind is loaded by the main thread or not at all.
    const worker = new Worker(fixture('unix-datagrams-in-worker.js'))
    const message = await new Promise((resolve) => worker.once('message', resolve))
    await worker.terminate()
    expect(message).toEqual({ code: 'NO_UNIX_DATAGRAMS', message: expect.any(String) })
    const { message: text } = message as { message: string }
    for (const command of ['npm install unix-dgram@', 'npm install-scripts approve unix-dgram']) {
      expect(text).toContain(command)
      expect(readme).toContain(command.replace(/@$/, ''))
    }
    expect(UnixDatagramServer).toBeTypeOf('function')
  })
})
