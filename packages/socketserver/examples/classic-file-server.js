import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { StreamRequestHandler } from '@jftp/socketserver'
import { serveIfMain } from './serve.js'

/** Commands are bare JSON objects; `put`: `200 OK`, the bytes, their md5; `get`: size, any answer, bytes, md5. */
export default class ClassicFileServer extends StreamRequestHandler {
  async handle() {
    for (let command = await this.#command(); command; command = await this.#command()) {
      // Files stay in the server's folder, whatever path the client gives.
      const name = basename(command.filename)
      if (command.action === 'put') await this.#put(existsSync(name) ? `${name}.new` : name, command.size)
      else if (command.action === 'get') await this.#get(name)
    }
  }

  /** The next object, if one comes; where it ends only its braces say. What follows stays in `rfile`. */
  async #command() {
    for (let text = ''; text.length < 1024; ) {
      const part = await this.rfile.readUntil('}', 1024)
      if (part.byteLength === 0) return undefined
      text += part
      try {
        return JSON.parse(text)
      } catch {} // An inner brace: read on.
    }
  }

  async #put(name, size) {
    await this.wfile.write('200 OK')
    const md5 = createHash('md5')
    await pipeline(this.#take(size, md5), createWriteStream(name))
    await this.wfile.write(md5.digest('hex'))
  }

  async *#take(size, md5) {
    for (let left = size; left > 0; ) {
      const data = await this.rfile.read(left)
      if (data.byteLength === 0) throw new Error(`the client left ${left} bytes early`)
      md5.update(data)
      left -= data.byteLength
      yield data
    }
  }

  async #get(name) {
    await this.wfile.write(String(statSync(name).size))
    await this.rfile.read(1024)
    const md5 = createHash('md5')
    for await (const data of createReadStream(name)) {
      md5.update(data)
      await this.wfile.write(data)
    }
    await this.wfile.write(md5.digest('hex'))
  }
}

await serveIfMain(import.meta.url, 9999)
