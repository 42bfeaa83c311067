/** Stores what comes from stdin, and prints it from the server: node streams.js jftp://127.0.0.1/ NAME < FILE */
import { PassThrough } from 'node:stream'
import { connect } from '@jftp/client'

const [url, name] = process.argv.slice(2)
const client = await connect(url)
try {
  // A source may be a path, bytes, a Blob, a stream of Node or of the web, or anything that gives bytes one by one.
  const { bytes } = await client.put(process.stdin, `/${name}`)
  console.error(`${bytes} bytes are stored`)

  // The sink is ended after the last byte. Its bytes are checked like those of a file.
  const sink = new PassThrough()
  sink.pipe(process.stdout)
  await client.get(`/${name}`, sink)
} finally {
  await client.close()
}
