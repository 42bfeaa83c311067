import { createInterface } from 'node:readline'
import { FtpError } from '@jftp/client'
import { Terminal } from './terminal.js'

/**
 * Asks on the terminal of this process until the answer is yes or no. Undefined if there is no terminal. Throws
 * `cancelled` if the user presses Ctrl-C or Ctrl-D.
 */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  using terminal = Terminal.open()
  if (terminal === undefined) return undefined
  const { input, output } = terminal
  const readline = createInterface({ input, output, terminal: true, historySize: 0 })
  const stop = () => readline.close()
  signal.addEventListener('abort', stop)
  try {
    return await new Promise<boolean>((resolve, reject) => {
      readline.on('SIGINT', stop)
      readline.once('close', () => reject(new FtpError('cancelled', 'the question was not answered')))
      const ask = () =>
        readline.question(question, (answer) => {
          if (/^y(?:es)?$/i.test(answer.trim())) resolve(true)
          else if (/^no?$/i.test(answer.trim())) resolve(false)
          else ask()
        })
      if (signal.aborted) stop()
      else ask()
    })
  } finally {
    signal.removeEventListener('abort', stop)
    readline.close()
  }
}
