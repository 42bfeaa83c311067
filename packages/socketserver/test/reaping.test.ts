import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exchange } from './clients.js'
import { concurrentColumns, fixture, tcpServerClass, workers } from './server-table.js'

const onLinux = process.platform === 'linux'
const threads = () => readdirSync('/proc/self/task').length
const descriptors = () => readdirSync('/proc/self/fd').length

describe.each(concurrentColumns)('%sTCPServer', (column) => {
  it.skipIf(!onLinux)('keeps no thread, child or descriptor of requests that are over', async () => {
    const run = async () => {
      const server = await tcpServerClass(column).listen(['127.0.0.1', 0], fixture('command-handler.js'), {
        ...workers(column, 2),
      })
      for (let request = 0; request < 10; request += 1) {
        const answer = exchange(server.serverAddress, 'echo x\n')
        await server.handleRequest()
        expect(await answer).toBe('x\n')
      }
      const during = threads()
      await server.requestsEnded()
      expect(server.activeRequests).toBe(0)
      await server.serverClose()
      return during
    }
    await run()
    const before = { threads: threads(), descriptors: descriptors() }
    const during = await run()
    if (column === 'Threading') expect(during).toBe(before.threads + 2)
    expect(threads()).toBeLessThanOrEqual(before.threads)
    expect(descriptors()).toBeLessThanOrEqual(before.descriptors)
  })
})

describe('ForkingTCPServer', () => {
  it('leaves children alone that are not its own', async () => {
    const other = spawn(process.execPath, ['-e', 'process.stdin.once("data", () => process.exit(72))'])
    const server = await tcpServerClass('Forking').listen(['127.0.0.1', 0], fixture('command-handler.js'))
    await server.serverClose()
    other.stdin.write('x')
    const [code] = await once(other, 'exit')
    expect(code).toBe(72)
  })
})
