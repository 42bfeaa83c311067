/** The command `ftp`. `--version` loads almost nothing, so that it starts as fast as Node does. */
const argv = process.argv.slice(2)
const isVersion = argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')
// It is made into CommonJS, which can't wait at its top level.
void (isVersion ? printVersion() : runArguments())

async function printVersion(): Promise<void> {
  const { productVersion } = await import('./product-version.js')
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    process.stderr.write(`ftp: stdout: ${message}\n`)
    process.exitCode = 9
  })
  process.stdout.write(`${productVersion()}\n`)
}

async function runArguments(): Promise<void> {
  const keepCode = await useCompiledCode()
  const [{ runFtp }, { findCommand }] = await Promise.all([
    import('./invocation/run-ftp.js'),
    import('./commands/table.js'),
  ])
  const exitCode = await runFtp(argv)
  // The terminal went away. An ordinary exit would try to reset it, and Node 20 aborts if it can't.
  if (exitCode === 129) process.kill(process.pid, 'SIGHUP')
  keepCode?.(argv.map(findCommand).find((row) => row !== undefined)?.name ?? '')
  process.exit(exitCode)
}

/** Call what it resolves to with the name of the command when that is done. */
async function useCompiledCode(): Promise<((command: string) => void) | undefined> {
  if (process.env['NODE_DISABLE_COMPILE_CACHE']) return undefined
  const { loadWithCache } = await import('./code-cache.js')
  return loadWithCache(`${import.meta.dirname}/core.cjs`, process.env)
}
