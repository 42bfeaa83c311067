import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { cacheFolder } from './user-folders.js'

/*
 * Most of what a short command takes is to compile the program, so the compiled code of the one file that nearly all of
 * it is in is kept for the next start. Node from 22.8 on has a cache for that too (`module.enableCompileCache`), but it
 * was measured to save less than half as much.
 *
 * What is kept is what V8 has compiled by the end of a command, which includes the functions that the command has
 * called. Another command needs others, so each command adds its own when it runs for the first time.
 *
 * V8 runs compiled code without checking it. So a file is used only if it is this user's own, and only if a digest
 * shows that it is undamaged and was made from this very program. V8 itself refuses what another version of V8 has
 * made. Whatever is wrong with the file, the program is compiled as usual, and the file is written anew.
 */

/** Seconds after which V8 may have thrown away code that was not called for a while. Then nothing is kept. */
const LONGEST = 10

/** Compiled code as it is kept. */
interface Kept {
  /** The commands whose functions are in it. */
  readonly commands: readonly string[]
  readonly code: Buffer
}

/**
 * Loads a file of CommonJS, with its compiled code if that is kept. From then on, `require` finds the loaded file. Call
 * what is returned when a command is done, with the command's name: it keeps what that command has compiled.
 */
export function loadWithCache(file: string, env: NodeJS.ProcessEnv): (command: string) => void {
  const source = readFileSync(file)
  const kept = readKept(source, env)
  const script = new Script(Module.wrap(source.toString()), { filename: file, cachedData: kept?.code })
  run(script, file)
  const known = script.cachedDataRejected === false ? (kept?.commands ?? []) : []
  return (command) => {
    if (known.includes(command) || process.uptime() > LONGEST) return
    writeKept(source, env, { commands: [...known, command], code: script.createCachedData() })
  }
}

/** What `require` does with the file. */
function run(script: Script, file: string): void {
  const require = createRequire(file)
  const module = new Module(file)
  module.filename = file
  require.cache[file] = module
  script.runInThisContext()(module.exports, require, module, file, dirname(file))
  module.loaded = true
}

/** The file has a line of JSON, and then the code. Undefined if there is no such file or it can't be used. */
function readKept(source: Buffer, env: NodeJS.ProcessEnv): Kept | undefined {
  try {
    const content = readOwnFile(pathOf(env))
    const end = content.indexOf('\n')
    const { digest, commands } = JSON.parse(content.toString('utf8', 0, end))
    const kept = { commands, code: content.subarray(end + 1) }
    return digest === digestOf(source, kept) ? kept : undefined
  } catch {
    return undefined
  }
}

/** Throws if somebody else may have written the file. */
function readOwnFile(path: string): Buffer {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const { uid, mode } = fstatSync(fd)
    const isOwn = process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0)
    if (!isOwn) throw new Error(`${path} may be from somebody else`)
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Whoever reads it meanwhile finds the file as it was before or as it is afterwards. No command fails because of it. */
function writeKept(source: Buffer, env: NodeJS.ProcessEnv, kept: Kept): void {
  const { commands, code } = kept
  const head = JSON.stringify({ digest: digestOf(source, kept), commands })
  try {
    const path = pathOf(env)
    const temporary = `${path}.${process.pid}`
    makeFolder(dirname(path))
    try {
      writeFileSync(temporary, Buffer.concat([Buffer.from(`${head}\n`), code]), { mode: 0o600 })
      renameSync(temporary, path)
    } finally {
      rmSync(temporary, { force: true })
    }
  } catch {
    // The next command tries it again.
  }
}

/** Throws if the user has no home folder. */
function pathOf(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), `ftp-${process.version}-${process.arch}.code`)
}

/** A home folder that does not exist is not made. */
function makeFolder(folder: string): void {
  for (const each of [dirname(folder), folder]) {
    try {
      mkdirSync(each, { mode: 0o700 })
    } catch {
      // It is there, or else the file can't be written either.
    }
  }
}

function digestOf(source: Buffer, { commands, code }: Kept): string {
  return createHash('sha256').update(`${commands}\n`).update(source).update(code).digest('hex')
}
