/** Makes /mirror like a local folder: node sync-folder.js jftp://127.0.0.1/ FOLDER */
import { connect } from '@jftp/client'

const [url, folder] = process.argv.slice(2)
const client = await connect(url)
try {
  const result = await client.sync(
    { local: folder, remote: '/mirror', direction: 'up' },
    {
      delete: 'extra',
      filters: [{ type: 'exclude', pattern: '*.tmp' }],
      onEvent(event) {
        if (event.type === 'transferred' || event.type === 'deleted')
          console.log(`${event.type} ${event.item.path}`)
        if (event.type === 'failed') console.error(event.error.message)
      },
    },
  )
  console.log(`${result.transferred} sent, ${result.unchanged} unchanged, ${result.deleted} deleted`)
  if (result.failed > 0) process.exitCode = 1
} finally {
  await client.close()
}
