import { type ChildProcess, spawn } from 'node:child_process'
import { type Digest, printable } from '@jftp/protocol'
import { killGroup } from './process-group.js'

/** What the operator wants done for uploads. Programs are lists of arguments, and run without a shell. */
export interface Hooks {
  /** Decides whether a complete upload becomes visible. */
  readonly acceptUpload: readonly string[] | undefined
  /** Is told of each upload that was stored. */
  readonly uploaded: readonly string[] | undefined
  /** Is sent each upload that was stored. */
  readonly webhook: Webhook | undefined
  /** How long one run may take, in milliseconds. */
  readonly timeoutMs: number
}

/** Where events are sent, and what they are signed with. */
export interface Webhook {
  readonly url: string
  readonly secret: Buffer
}

export const NO_HOOKS: Hooks = {
  acceptUpload: undefined,
  uploaded: undefined,
  webhook: undefined,
  timeoutMs: 10_000,
}

/** What a hook is told about an upload. */
export interface UploadFacts {
  /** As the client sees it. */
  readonly path: string
  readonly size: number
  readonly digest: Digest | undefined
  readonly user: string
  /** Without the port; `unix` for a Unix socket. */
  readonly address: string
  /** As the log and the client's errors have it. */
  readonly requestId: string
}

/** `reason` is one line. */
export type HookOutcome =
  | { readonly type: 'accepted' }
  | { readonly type: 'rejected'; readonly reason: string }

/** What is kept of the end of its stderr, in characters. */
const MAX_STDERR = 4096

/** Runs a program for an upload. Never rejects. After the time limit it is killed, with all that it has started. */
export function runHook(
  [program = '', ...args]: readonly string[],
  facts: UploadFacts,
  timeoutMs: number,
): Promise<HookOutcome> {
  return new Promise((resolve) => {
    const reject = (reason: string) => resolve({ type: 'rejected', reason })
    const env = { ...process.env, ...variablesOf(facts) }
    // A process group of its own, so that all of it can be killed.
    let child: ChildProcess
    try {
      child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    } catch (error) {
      return reject(couldNotRun(error))
    }
    let stderr = ''
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      killGroup(child.pid)
      child.stderr?.destroy()
    }, timeoutMs)
    // Without a free descriptor there is no pipe.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR)
    })
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(couldNotRun(error))
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (isLate) return reject(`the hook took longer than ${timeoutMs / 1000} s`)
      if (code === 0) return resolve({ type: 'accepted' })
      reject(lastLine(stderr) ?? `the hook ended with ${signal ?? `exit code ${code}`}`)
    })
  })
}

function couldNotRun(error: unknown): string {
  return `the hook could not be run (${String((error as NodeJS.ErrnoException).code)})`
}

function variablesOf({ path, size, digest, user, address, requestId }: UploadFacts): NodeJS.ProcessEnv {
  return {
    FTPD_UPLOAD_PATH: path,
    FTPD_UPLOAD_SIZE: String(size),
    FTPD_UPLOAD_DIGEST: digest === undefined ? '' : `${digest.alg}:${digest.hex}`,
    FTPD_UPLOAD_USER: user,
    FTPD_UPLOAD_ADDRESS: address,
    FTPD_UPLOAD_REQUEST_ID: requestId,
  }
}

function lastLine(text: string): string | undefined {
  const line = text.trim().split('\n').at(-1)?.trim()
  return line ? printable(line.slice(-300)) : undefined
}
