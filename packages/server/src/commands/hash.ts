import { type Digest, type Hashed, ProtocolError, prepareDigest } from '@jftp/protocol'
import type { CommandContext, CommandHandler } from './command-handler.js'
import { JsonLines } from './json-lines.js'

export const hash: CommandHandler<'hash'> = {
  name: 'hash',
  needsLogin: true,
  isAlwaysLogged: false,
  async run({ paths, digest }, context) {
    await prepareDigest(digest)
    const pages = hashEach(paths, digest, context)
    return { facts: { digest }, source: new JsonLines({ pages, close() {} }) }
  },
}

/** Tells each digest when it is known. A file that can't be read does not stop the others. */
async function* hashEach(
  paths: readonly string[],
  algorithm: Digest['alg'],
  { storage, resolve, pause, noteFailure }: CommandContext,
): AsyncGenerator<Hashed[]> {
  for (const asked of paths) {
    let path = asked
    try {
      path = resolve(asked)
      const digest = await storage.digest(path, algorithm, pause)
      if (digest !== undefined) yield [{ type: 'digest', path, digest }]
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code === 'cancelled') throw error
      noteFailure(error)
      yield [{ type: 'unreadable', path, error: error.toWire() }]
    }
  }
}
