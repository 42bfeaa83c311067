import module from 'node:module'

/** The command `ftp`. `--version` loads almost nothing, so that it starts as fast as Node does. */
const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  const { productVersion } = await import('./product-version.js')
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    process.stderr.write(`ftp: stdout: ${message}\n`)
    process.exitCode = 9
  })
  process.stdout.write(`${productVersion()}\n`)
} else {
  // Node 22.8 and later can keep compiled code for the next start.
  const { enableCompileCache } = module as { enableCompileCache?: () => unknown }
  enableCompileCache?.()
  const { runFtp } = await import('./invocation/run-ftp.js')
  const exitCode = await runFtp(argv)
  // The terminal went away. An ordinary exit would try to reset it, and Node 20 aborts if it can't.
  if (exitCode === 129) process.kill(process.pid, 'SIGHUP')
  process.exit(exitCode)
}
