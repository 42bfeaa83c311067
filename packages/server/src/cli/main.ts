/** The command `ftpd`. */
import { runFtpd } from './run.js'

process.exitCode = await runFtpd(process.argv.slice(2))
// Log lines that nobody reads must not keep a daemon that is done: they get this long, in ms.
setTimeout(() => process.exit(), 1000).unref()
