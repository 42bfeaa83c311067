import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import { connect } from 'node:net'
import { basename } from 'node:path'

/** The line to print over the last one: `\r[=====   ]62%`. */
function bar(done, total) {
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
  return `\r[${'='.repeat(percent)}${' '.repeat(100 - percent)}]${percent}%`
}

// node progress-bar.js host port file: puts a file on the classic file server and shows how far it is.
const [host, port, path] = process.argv.slice(2)
const { size } = statSync(path)
const socket = connect(Number(port), host)
socket.write(JSON.stringify({ action: 'put', filename: basename(path), size, overridden: true }))
await once(socket, 'data')

const md5 = createHash('md5')
let sent = 0
for await (const chunk of createReadStream(path)) {
  md5.update(chunk)
  if (!socket.write(chunk)) await once(socket, 'drain')
  sent += chunk.byteLength
  process.stdout.write(bar(sent, size))
}
if (size === 0) process.stdout.write(bar(0, 0))

const [answer] = await once(socket, 'data')
const agreed = answer.toString() === md5.digest('hex')
console.log(agreed ? '\nfile upload success' : '\nthe server has other bytes')
process.exitCode = agreed ? 0 : 1
socket.end()
