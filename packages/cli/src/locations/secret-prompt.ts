import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { FtpError } from '@jftp/client'
import { Terminal } from './terminal.js'

/**
 * Asks for a secret on the terminal of this process, also if stdin and stdout are something else. What is typed is not
 * shown. Undefined if there is no terminal.
 */
export async function askSecret(question: string, signal: AbortSignal): Promise<string | undefined> {
  using terminal = Terminal.open()
  if (terminal === undefined) return undefined
  const { input, output } = terminal
  // What readline draws would show the secret, so it goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const readline = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  // From here on the terminal echoes nothing, so whoever types at once is safe too.
  output.write(question)
  const stop = () => readline.close()
  signal.addEventListener('abort', stop)
  try {
    return await new Promise<string>((resolve, reject) => {
      readline.once('line', resolve)
      readline.once('SIGINT', () => readline.close())
      readline.once('close', () => reject(new FtpError('cancelled', 'no password was typed')))
      if (signal.aborted) stop()
    })
  } finally {
    signal.removeEventListener('abort', stop)
    readline.close()
    output.write('\n')
  }
}
