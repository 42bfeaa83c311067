/** Stores a folder over four connections: node many-files.js jftp://127.0.0.1/ FOLDER */
import { connect } from '@jftp/client'

const [url, folder] = process.argv.slice(2)
const client = await connect(url)
try {
  let bytes = 0
  await client.putTrees([{ local: folder, remote: '/many' }], {
    connections: 4,
    onEvent(event) {
      if (event.type === 'ended') bytes += event.result.bytes
      if (event.type === 'failed') console.error(`${event.error.path ?? folder}: ${event.error.message}`)
    },
  })
  console.log(`${bytes} bytes`)

  // Calls need not wait for one another: these requests leave together.
  const names = ['/many', '/many/../many']
  const entries = await Promise.all(names.map((name) => client.stat(name)))
  console.log(entries.map(({ type }) => type).join(' '))
} finally {
  await client.close()
}
