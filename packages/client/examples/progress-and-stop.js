/** Shows how far an upload is; Ctrl-C stops it: node progress-and-stop.js jftp://127.0.0.1/ FILE */
import { basename } from 'node:path'
import { connect, FtpError } from '@jftp/client'

const [url, file] = process.argv.slice(2)
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

const client = await connect(url)
try {
  await client.put(file, `/${basename(file)}`, {
    signal: stop.signal,
    onProgress: ({ bytes, total }) => process.stdout.write(`\r${bytes} of ${total} bytes`),
  })
  process.stdout.write('\ndone\n')
} catch (error) {
  if (!(error instanceof FtpError) || error.code !== 'cancelled') throw error
  // What came so far is kept by the server, and `onExists: 'resume'` goes on with it. The connection is as good as before.
  process.stdout.write(`\nstopped; the server answers in ${Math.ceil(await client.ping())} ms\n`)
} finally {
  await client.close()
}
