/** The command `ftpd`. */
import { VERSION } from '../agent.js'

const [first] = process.argv.slice(2)
if (first === '--version' || first === '-V') {
  console.log(`ftpd ${VERSION}`)
} else {
  const { runFtpd } = await import('./run.js')
  process.exitCode = await runFtpd(process.argv.slice(2))
}
