import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { UsageError } from '../usage-error.js'
import { controlSockets } from './control-folder.js'
import type { Status } from './status.js'

/** How long a daemon has to answer, in ms. One that is stopped or hangs does not. */
const PATIENCE = 10_000

/** A daemon that is asked through its control socket. */
export class ControlClient {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The only daemon of this user that runs. Throws UsageError if there is none, or more than one. */
  static async find(folder: string): Promise<ControlClient> {
    const clients = controlSockets(folder).map((path) => new ControlClient(path))
    const answers = await Promise.all(clients.map((client) => client.status().catch(() => undefined)))
    const found = clients.flatMap((client, index) => {
      const status = answers[index]
      return status === undefined ? [] : [{ client, status }]
    })
    const [only, ...others] = found
    if (only === undefined) {
      throw new UsageError(
        `no running ftpd was found in ${folder}; if it runs as another user, name its socket with --control`,
      )
    }
    if (others.length === 0) return only.client
    const list = found.map(
      ({ client, status }) => `  --control ${client.path}  ${status.url}  ${status.root}`,
    )
    throw new UsageError(`several ftpd run; choose one of them:\n${list.join('\n')}`)
  }

  async status(): Promise<Status> {
    return (await this.#ask('GET', '/status')) as Status
  }

  async kick(session: number): Promise<void> {
    await this.#ask('POST', `/kick?session=${session}`)
  }

  async unban(address: string): Promise<void> {
    await this.#ask('POST', `/unban?address=${encodeURIComponent(address)}`)
  }

  /** Throws UsageError if nobody answers there, or with what the daemon has to say against it. */
  async #ask(method: string, path: string): Promise<unknown> {
    const asked = request({ socketPath: this.path, method, path, signal: AbortSignal.timeout(PATIENCE) })
    asked.end()
    try {
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      const answer = JSON.parse(await text(response)) as { error?: string }
      if (response.statusCode === 200) return answer
      throw new UsageError(answer.error ?? `ftpd answered ${response.statusCode}`)
    } catch (error) {
      if (error instanceof UsageError) throw error
      throw new UsageError(`${this.path}: ${explain(error)}`)
    }
  }
}

function explain(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such socket; see the line ready of the log of ftpd'
  if (code === 'ECONNREFUSED')
    return 'no ftpd answers there; it was killed, and the next one makes its own socket'
  if (code === 'EACCES') return 'only the user who runs ftpd may open it; run this as that user'
  if (name === 'AbortError' || name === 'TimeoutError')
    return `ftpd did not answer within ${PATIENCE / 1000} s`
  return `what answers there is no ftpd (${String(error)})`
}
