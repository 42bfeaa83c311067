/** The command `ftpd`. */
import { VERSION } from '../agent.js'

const [first] = process.argv.slice(2)
if (first === '--version' || first === '-V') {
  console.log(`ftpd ${VERSION}`)
} else {
  const { runFtpd } = await import('./run.js')
  process.exitCode = await runFtpd(process.argv.slice(2))
  // Log lines that nobody reads must not keep a daemon that is done: they get this long, in ms.
  setTimeout(() => process.exit(), 1000).unref()
}
