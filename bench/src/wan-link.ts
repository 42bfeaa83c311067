import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findProgram, type ProgramCall } from './command.js'
import type { Site } from './site.js'
import { Skip } from './skip.js'

/** One at a time: the two namespaces bear the name of this process. */
const NAME = `jb${process.pid}`
const RELAY = fileURLToPath(new URL('../wan-link.py', import.meta.url))

export interface LinkOptions {
  /** The round trip, in milliseconds. */
  readonly rtt: number
  /** Packets lost each way, in percent. */
  readonly loss: number
}

/** A link with delay and loss between two network namespaces. It goes with this process, however that ends. */
export class WanLink implements Site {
  readonly host = '127.77.0.1'
  readonly #relay: ChildProcess

  private constructor(relay: ChildProcess) {
    this.#relay = relay
  }

  /** Throws Skip if this machine can't make one. */
  static async open({ rtt, loss }: LinkOptions): Promise<WanLink> {
    if (process.getuid?.() !== 0) throw new Skip('a link with delay needs root, for network namespaces')
    const python = findProgram('python3')
    if (python === undefined || findProgram('ip') === undefined) {
      throw new Skip('a link with delay needs python3 and iproute2')
    }
    if (!existsSync('/dev/net/tun')) throw new Skip('a link with delay needs /dev/net/tun')
    const relay = spawn(python, [RELAY, NAME, `${rtt}`, `${loss}`], { stdio: ['pipe', 'pipe', 'pipe'] })
    let said = ''
    relay.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await new Promise<void>((resolve, reject) => {
      relay.stdout.once('data', () => resolve())
      relay.once('exit', () => reject(new Skip(`no link with delay: ${said.trim().split('\n').at(-1)}`)))
    })
    return new WanLink(relay)
  }

  server(command: ProgramCall): ProgramCall {
    return inside(`${NAME}-server`, command)
  }

  client(command: ProgramCall): ProgramCall {
    return inside(`${NAME}-client`, command)
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#relay.once('exit', resolve))
    this.#relay.stdin?.end()
    await ended
  }
}

function inside(namespace: string, { program, args }: ProgramCall): ProgramCall {
  return { program: findProgram('ip') ?? 'ip', args: ['netns', 'exec', namespace, program, ...args] }
}
