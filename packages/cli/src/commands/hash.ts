import { type Digest, type FtpClient, FtpError, type HashedFile } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { isRemoteUrl } from '../locations/server-address.js'
import { formatDigest } from '../output/digest-line.js'
import { throwFailures } from '../output/exit-code.js'
import { type Command, defineCommand } from './command.js'
import type { Context } from './context.js'

/** The tool that prints the same lines for local files. */
const TOOLS: Readonly<Record<Digest['alg'], string>> = {
  md5: 'md5sum',
  sha256: 'sha256sum',
  blake3: 'b3sum',
  xxh128: 'xxhsum -H2',
}

/** The command that prints digests of this kind; without one, of the kind that --digest names. */
export function hashCommand(algorithm?: Digest['alg']): Command {
  return defineCommand({
    dryRun: 'runs',
    arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
    flags: {},
    notes: [
      algorithm === undefined
        ? 'Prints the digests that --digest names, md5 if it was not given, as md5sum prints them.'
        : `Prints what '${TOOLS[algorithm]}' prints.`,
      'The server reads the files; nothing is transferred. A file that is missing does not stop the others.',
    ],
    async run(context, files) {
      const digest = algorithm ?? wanted(context)
      const failures: unknown[] = []
      const named = await resolveAll(context, files, failures)
      const [first] = named
      if (first !== undefined) await printDigests(context, first.client, named, digest, failures)
      throwFailures(failures)
    },
  })
}

interface NamedFile {
  readonly client: FtpClient
  readonly path: string
  /** The name that is printed. */
  readonly name: string
}

async function resolveAll(
  { remote, signal }: Context,
  files: readonly string[],
  failures: unknown[],
): Promise<NamedFile[]> {
  const named: NamedFile[] = []
  for (const file of files) {
    try {
      const { client, path } = await remote.resolve(file, signal)
      named.push({ client, path, name: isRemoteUrl(file) ? path : file })
    } catch (error) {
      if (signal.aborted) throw error
      failures.push(error)
    }
  }
  return named
}

async function printDigests(
  { output, signal }: Context,
  client: FtpClient,
  files: readonly NamedFile[],
  digest: Digest['alg'],
  failures: unknown[],
): Promise<void> {
  let index = 0
  const paths = files.map(({ path }) => path)
  for await (const hashed of client.hash(paths, { digest, signal })) {
    const { name } = files[index++] as NamedFile
    if (hashed.type === 'unreadable') failures.push(hashed.error)
    else await printDigest(output, hashed, name)
  }
}

async function printDigest(
  output: Context['output'],
  { path, digest }: Extract<HashedFile, { type: 'digest' }>,
  name: string,
): Promise<void> {
  await output.event({ v: 1, event: 'digest', path, digest })
  const line = formatDigest(digest.hex, name)
  await output.answer(output.answersToTerminal ? printable(line) : line)
}

function wanted({ settings }: Context): Digest['alg'] {
  if (settings.digest !== 'none') return settings.digest
  throw new FtpError('usage', "'none' is no digest that can be printed; choose one with --digest")
}
