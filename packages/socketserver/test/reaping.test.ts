import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { fixture, tcpServerClass } from './server-table.js'

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
