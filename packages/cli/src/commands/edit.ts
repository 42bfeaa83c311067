import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { FtpError, fromLocalError, type RemoteEntry } from '@jftp/client'
import { printable, remoteBasename } from '@jftp/protocol'
import { LocalProgram } from '../locations/local-program.js'
import type { RemoteLocation } from '../locations/remote-session.js'
import { defineCommand } from './command.js'
import type { Context } from './context.js'

const EDITOR = 'vi'

export const edit = defineCommand({
  arguments: [{ name: 'FILE', takes: 'one', kinds: [['remote']] }],
  flags: {},
  notes: [
    `Opens a copy of the file in $VISUAL or $EDITOR, by default ${EDITOR}, and stores it if it was changed. If the`,
    'file does not exist, it is made. If somebody else has changed it meanwhile, or your editor fails, what you wrote is',
    'kept on this machine, and a message says where. Without a terminal, $VISUAL or $EDITOR has to name a program that',
    'needs none.',
    '  EDITOR="sed -i s/8080/9090/" ftp edit jftp://host/app.conf',
  ],
  async run(context, [file = '']) {
    const { remote, signal, output } = context
    const editor = chooseEditor(context)
    const location = await remote.resolve(file, signal)
    const before = await entryOf(location, signal)
    const folder = await mkdtemp(join(tmpdir(), 'jftp-edit-'))
    const copy = join(folder, harmless(remoteBasename(location.path)))
    let old: Buffer | undefined
    try {
      if (before === undefined) await writeFile(copy, '', { mode: 0o600 })
      else await location.client.get(location.path, copy, { signal })
      old = await readFile(copy)
      await runEditor(context, editor, copy)
      const isChanged = !old.equals(await readEdited(editor, copy))
      if (isChanged) await store(location, before, copy, signal)
      await rm(folder, { recursive: true, force: true })
      output.note(isChanged ? `stored ${printable(location.path)}` : 'nothing was changed')
    } catch (error) {
      const isWorthKeeping = old !== undefined && (await holdsEdits(folder, copy, old))
      if (!isWorthKeeping) await rm(folder, { recursive: true, force: true })
      if (!isWorthKeeping || !(error instanceof FtpError)) throw error
      throw new FtpError(error.code, `${error.message}; your copy is ${copy}`, {
        path: error.path,
        cause: error,
      })
    }
  },
})

/** A name that every editor can show on a terminal. */
function harmless(name: string): string {
  return [...name].map((character) => (printable(character) === character ? character : '_')).join('')
}

/** Whether there is anything but the copy as it was fetched. An editor that crashed may have left a file beside it. */
async function holdsEdits(folder: string, copy: string, old: Buffer): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  if (names.some((name) => name !== basename(copy))) return true
  try {
    return names.length > 0 && !old.equals(await readFile(copy))
  } catch {
    return true
  }
}

async function entryOf(
  { client, path }: RemoteLocation,
  signal: AbortSignal,
): Promise<RemoteEntry | undefined> {
  try {
    return await client.stat(path, { links: 'follow', signal })
  } catch (error) {
    if (error instanceof FtpError && error.code === 'not-found') return undefined
    throw error
  }
}

/** Throws `usage` if there is no terminal and nobody has chosen a program that can do without. */
function chooseEditor({ programInput }: Context): string {
  const { isTTY } = process.stdin
  if (isTTY && programInput === 'ignore') {
    throw new FtpError('usage', 'an editor needs the terminal; leave out &')
  }
  const chosen = process.env['VISUAL'] || process.env['EDITOR']
  if (chosen) return chosen
  if (isTTY) return EDITOR
  throw new FtpError(
    'usage',
    `${EDITOR} needs a terminal; set $EDITOR to a program that needs none, such as "sed -i s/a/b/"`,
  )
}

async function runEditor(
  { terminal, local, output, settings, programInput, signal }: Context,
  editor: string,
  copy: string,
): Promise<void> {
  output.endWait()
  const quoted = `'${copy.replaceAll("'", "'\\''")}'`
  const program = {
    command: `${editor} ${quoted}`,
    folder: local.path,
    stdin: programInput,
    stdout: settings.format === 'json' ? 'stderr' : 'inherit',
  } as const
  const exitCode = await terminal.take(() => new LocalProgram(program).ended(signal))
  if (exitCode !== 0)
    throw new FtpError('local-io', `${editor} has ended with ${exitCode}, so nothing was stored`)
}

/** Stores the copy, unless the file is not the one that was opened any more. */
async function store(
  location: RemoteLocation,
  before: RemoteEntry | undefined,
  copy: string,
  signal: AbortSignal,
): Promise<void> {
  const { client, path } = location
  const now = await entryOf(location, signal)
  if (now?.mtime !== before?.mtime || now?.size !== before?.size) {
    throw new FtpError('changed', 'somebody has changed it meanwhile', { path })
  }
  await client.put(copy, path, { signal, onExists: before === undefined ? 'fail' : 'overwrite' })
}

async function readEdited(editor: string, copy: string): Promise<Buffer> {
  try {
    return await readFile(copy)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fromLocalError(error, copy)
    throw new FtpError('local-io', `${editor} has removed what it was to edit, so nothing was stored`)
  }
}
