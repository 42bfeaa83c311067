import { open, readdir, rm, stat } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { StreamRequestHandler } from '@jftp/socketserver'
import { commands, copy, create, inside, root, take } from './classic-files.js'
import { serveIfMain } from './serve.js'

/** Commands are bare JSON objects; `put`: `200 OK`, the bytes, their md5; `get`: size, any answer, bytes, md5. */
export default class ClassicFileServer extends StreamRequestHandler {
  /** The client's folder, as if this server's were the root of all. */
  folder = '/'

  async handle() {
    for await (const { action, filename, size } of commands(this.rfile)) {
      const isKnown = ['put', 'get', 'ls', 'pwd', 'cd'].includes(action)
      if (isKnown) await this[action](String(filename ?? ''), size)
    }
  }

  async put(filename, size) {
    const name = basename(filename)
    if (!(size >= 0) || /^\.{0,2}$|\0/.test(name)) return await this.wfile.write('400 no name or no size')
    const [file, path] = await create(join(root, this.folder, name))
    let digest
    try {
      await this.wfile.write('200 OK')
      digest = await copy(take(this.rfile, size), (data) => file.appendFile(data))
    } finally {
      await file.close()
      if (digest === undefined) await rm(path)
    }
    await this.wfile.write(digest)
  }

  async get(filename) {
    const path = await inside(join(this.folder, basename(filename)), 'isFile')
    if (path === undefined) return await this.wfile.write(`404 no file ${filename}`)
    await this.wfile.write(String((await stat(path)).size))
    await this.rfile.read(1024)
    const file = await open(path)
    await this.wfile.write(await copy(file.createReadStream(), (data) => this.wfile.write(data)))
  }

  async ls() {
    const names = await readdir(join(root, this.folder))
    await this.wfile.write(`${names.sort().join('\n')}\n`)
  }

  async pwd() {
    await this.wfile.write(this.folder)
  }

  async cd(filename) {
    const folder = posix.resolve(this.folder, filename)
    const path = await inside(folder, 'isDirectory')
    if (path !== undefined) this.folder = folder
    await this.wfile.write(path === undefined ? `404 no folder ${filename}` : folder)
  }
}

await serveIfMain(import.meta.url, 9999)
