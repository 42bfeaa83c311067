import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { StreamRequestHandler } from '@jftp/socketserver'
import { serveIfMain } from './serve.js'

/** What clients may run, each with its own arguments only: no shell ever sees what a client sent. */
const ALLOWED = new Map(
  ['date', 'uname -a', 'uptime', 'df -h', 'node --version', 'true'].map((line) => [line, line.split(' ')]),
)
const LIMITS = { timeout: 10_000, maxBuffer: 1024 * 1024 }

/** Runs a command: its output's length goes first, then, when the client has confirmed that, the output. */
export default class RemoteCommand extends StreamRequestHandler {
  async handle() {
    for (;;) {
      const command = (await this.rfile.read(1024)).toString().trim()
      if (command === '') return
      const result = Buffer.from(await run(command))
      await this.wfile.write(String(result.byteLength))
      const ack = await this.rfile.read(1024)
      console.log(`ack from ${this.clientAddress[0]}: ${JSON.stringify(ack.toString())}`)
      await this.wfile.write(result)
    }
  }
}

async function run(command) {
  const allowed = ALLOWED.get(command)
  if (allowed === undefined) return `not allowed: ${command}; allowed are ${[...ALLOWED.keys()].join(', ')}`
  try {
    const { stdout } = await promisify(execFile)(allowed[0], allowed.slice(1), LIMITS)
    return stdout || 'command exec success, but do not have results'
  } catch (error) {
    return `failed: ${error.message}`
  }
}

await serveIfMain(import.meta.url, 8888)
