/** Stores a file and fetches it again: node put-and-get.js jftp://127.0.0.1/ FILE */
import { basename } from 'node:path'
import { connect } from '@jftp/client'

const [url, file] = process.argv.slice(2)
const client = await connect(url)
try {
  const remote = `/examples/${basename(file)}`
  // It is there under its name only when it is complete, compared and on disk.
  const put = await client.put(file, remote, { parents: true })
  console.log(`${put.status} ${put.path}, ${put.bytes} bytes, ${put.digest.alg} ${put.digest.hex}`)

  const get = await client.get(remote, `${file}.copy`)
  console.log(
    `${get.status} ${get.local}, ${get.digest.hex === put.digest.hex ? 'the same' : 'another'} digest`,
  )
} finally {
  await client.close()
}
