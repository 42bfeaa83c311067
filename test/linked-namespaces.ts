import { execFileSync } from 'node:child_process'

/** Each namespace has its end of the link under this name. */
const DEVICE = 'jftp0'

/** Two network namespaces with a link between them, as two machines on one network. Both are gone at the end. */
export class LinkedNamespaces implements Disposable {
  readonly serverAddress = '10.77.0.1'
  /** What a program on the side of the server or of the client is started with. */
  readonly onServer: readonly [string, ...string[]]
  readonly onClient: readonly [string, ...string[]]
  readonly #names: readonly string[]

  constructor() {
    const [server, client] = [`jftp-server-${process.pid}`, `jftp-client-${process.pid}`]
    this.#names = [server, client]
    this.onServer = ['ip', 'netns', 'exec', server]
    this.onClient = ['ip', 'netns', 'exec', client]
    try {
      for (const name of this.#names) ip('netns', 'add', name)
      ip('link', 'add', DEVICE, 'netns', server, 'type', 'veth', 'peer', 'name', DEVICE, 'netns', client)
      attach(server, this.serverAddress)
      attach(client, '10.77.0.2')
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) {
      try {
        ip('netns', 'del', name)
      } catch {
        // The constructor failed before it made this one.
      }
    }
  }
}

/** Why no network namespaces can be linked here; undefined where they can. Tests that need them say so and skip. */
export const cannotLink: string | undefined = tryLink()

function attach(namespace: string, address: string): void {
  ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', DEVICE)
  ip('-n', namespace, 'link', 'set', DEVICE, 'up')
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function tryLink(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need root on Linux'
  try {
    using _linked = new LinkedNamespaces()
    return undefined
  } catch (error) {
    return `network namespaces can't be linked: ${String(error)}`
  }
}
