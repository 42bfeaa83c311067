import type { Hello, RequestInput } from '@jftp/protocol'
import type { Credentials } from './credentials.js'

/** The request to log in. One by keys can be made only when the server's HELLO has come, which says what to sign. */
export class LoginRequest {
  readonly #user: string
  readonly #credentials: Credentials
  readonly #certificate: () => string | undefined
  readonly #hello: Promise<Hello>
  #resolveHello!: (hello: Hello) => void
  #request: RequestInput<'login'> | undefined

  /** `certificate` tells the fingerprint of the server's certificate when the connection is made. */
  constructor(user: string, credentials: Credentials, certificate: () => string | undefined) {
    this.#user = user
    this.#credentials = credentials
    this.#certificate = certificate
    this.#request = requestWithoutHello(user, credentials)
    this.#hello = new Promise((resolve) => {
      this.#resolveHello = resolve
    })
  }

  /** The server's HELLO has come. */
  learn(hello: Hello): void {
    this.#resolveHello(hello)
  }

  /** To be waited for before `arguments` is asked for; undefined if nothing has to be. Rejects if no key signs. */
  prepare(): Promise<void> | undefined {
    return this.#request === undefined ? this.#sign() : undefined
  }

  get arguments(): RequestInput<'login'> {
    if (this.#request === undefined) throw new Error('the login is not prepared')
    return this.#request
  }

  async #sign(): Promise<void> {
    if (this.#credentials.type !== 'keys') return
    const { keys } = this.#credentials
    const hello = await this.#hello
    const { keyLoginRequest } = await import('../keys/key-login.js')
    this.#request = await keyLoginRequest({
      ...{ user: this.#user, keys, hello },
      certificate: this.#certificate(),
    })
  }
}

function requestWithoutHello(user: string, credentials: Credentials): RequestInput<'login'> | undefined {
  switch (credentials.type) {
    case 'none':
      return { user }
    case 'password':
      return { user, method: 'password', password: credentials.password }
    case 'token':
      return { ...(user === '' ? {} : { user }), method: 'token', token: credentials.token }
    case 'keys':
      return undefined
  }
}
