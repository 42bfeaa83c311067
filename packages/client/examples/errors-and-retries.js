/** Fetches a file that may not be there: node errors-and-retries.js jftp://127.0.0.1/ NAME */
import { connect, FtpError } from '@jftp/client'

const [url, name] = process.argv.slice(2)
try {
  const client = await connect(url, {
    // If the connection breaks, it is made again, and a transfer goes on where it was.
    retry: {
      retries: 2,
      delay: 100,
      onRetry: ({ error, attempt, retries }) =>
        console.error(`${error.code}: attempt ${attempt} of ${retries}`),
    },
  })
  try {
    const { bytes } = await client.get(`/${name}`, name)
    console.log(`${bytes} bytes`)
  } finally {
    await client.close()
  }
} catch (error) {
  if (!(error instanceof FtpError)) throw error
  // `code` is one of a closed list, which docs/ERRORS.md explains.
  console.log(`${error.code}${error.retryable ? ', worth a retry' : ''}: ${error.message}`)
  process.exitCode = 1
}
