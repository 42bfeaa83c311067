import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import { connect } from 'node:net'
import { basename } from 'node:path'
import { StreamReader } from '@jftp/socketserver'

/** The line to print over the last one: `\r[=====   ]62%`. */
function bar(done, total) {
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
  return `\r[${'='.repeat(percent)}${' '.repeat(100 - percent)}]${percent}%`
}

// node progress-bar.js host port file: puts a file on the classic file server and shows how far it is.
const [host, port, path] = process.argv.slice(2)
const { size } = statSync(path)
const socket = connect(Number(port), host)
// It keeps what comes before it is asked for; two answers may come in one piece, or one in two.
const rfile = new StreamReader(socket, null)
socket.write(JSON.stringify({ action: 'put', filename: basename(path), size, overridden: true }))
const ready = (await rfile.readExactly(6)).toString()
if (ready !== '200 OK') throw new Error(`the server answered ${ready}`)

const md5 = createHash('md5')
let sent = 0
for await (const chunk of createReadStream(path)) {
  md5.update(chunk)
  if (!socket.write(chunk)) await once(socket, 'drain')
  sent += chunk.byteLength
  process.stdout.write(bar(sent, size))
}
if (size === 0) process.stdout.write(bar(0, 0))

const answer = (await rfile.readExactly(32)).toString()
const agreed = answer === md5.digest('hex')
console.log(agreed ? '\nfile upload success' : '\nthe server has other bytes')
process.exitCode = agreed ? 0 : 1
socket.end()
