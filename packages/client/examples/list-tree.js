/** Lists a server: node list-tree.js jftp://127.0.0.1/ */
import { connect } from '@jftp/client'

const client = await connect(process.argv[2])
try {
  let bytes = 0
  // Entries are given as they come, so a million of them need no more memory than ten.
  for await (const { path, type, size } of client.list('/', { recursive: true })) {
    console.log(type === 'directory' ? `${path}/` : `${path} ${size}`)
    bytes += size
  }
  console.log(`${bytes} bytes`)

  for await (const { path } of client.find('/', { name: '*.txt', type: 'file' }))
    console.log(`a text: ${path}`)
} finally {
  await client.close()
}
