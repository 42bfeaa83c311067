import * as v from 'valibot'
import { parseJsonPayload } from '../json.js'
import { ProtocolError } from '../protocol-error.js'
import { entrySchema, entryType } from './entry.js'
import { byteCount, digest, digestAlgorithm, mode, path, shortText, time } from './fields.js'
import { validate } from './validate.js'

/**
 * Every command of the protocol: what its REQUEST and its ACKs hold, and its shape:
 *
 * - `simple`    REQUEST → ACK
 * - `outgoing`  REQUEST → ACK → DATA… → END, bytes from the server
 * - `incoming`  REQUEST → ACK `ready` → DATA… → END → ACK, bytes from the client; eager: no first ACK
 */
export const COMMANDS = {
  login: {
    shape: 'simple',
    request: v.object({ user: shortText }),
    ack: v.object({ user: v.string(), home: v.string(), permissions: v.array(v.string()) }),
  },
  ping: { shape: 'simple', request: v.object({}), ack: v.object({}) },
  pwd: { shape: 'simple', request: v.object({}), ack: v.object({ path: v.string() }) },
  cd: { shape: 'simple', request: v.object({ path }), ack: v.object({ path: v.string() }) },
  stat: {
    shape: 'simple',
    request: v.object({ path }),
    ack: v.object({ path: v.string(), entry: entrySchema }),
  },
  mkdir: {
    shape: 'simple',
    /** `parents`: make what is missing on the way, and be content where it is there already. */
    request: v.object({ path, parents: v.optional(v.boolean(), false) }),
    ack: v.object({ path: v.string() }),
  },
  rmdir: { shape: 'simple', request: v.object({ path }), ack: v.object({ path: v.string() }) },
  rm: { shape: 'simple', request: v.object({ path }), ack: v.object({ path: v.string() }) },
  mv: {
    shape: 'simple',
    request: v.object({
      from: path,
      to: path,
      onExists: v.optional(v.picklist(['overwrite', 'fail']), 'fail'),
    }),
    ack: v.object({ path: v.string() }),
  },
  /** DATA is NDJSON: one Entry a line, in the folder's own order; of a file, that one entry. */
  ls: {
    shape: 'outgoing',
    request: v.object({ path }),
    /** `type`: what `path` is, links followed. Only a `directory` holds what is listed. */
    ack: v.object({ path: v.string(), type: entryType }),
  },
  get: {
    shape: 'outgoing',
    request: v.object({ path, digest: v.optional(digestAlgorithm, 'md5') }),
    ack: v.object({ path: v.string(), size: byteCount, mtime: time, mode }),
  },
  put: {
    shape: 'incoming',
    request: v.object({
      path,
      /** Bytes to come; absent where the sender doesn't know. */
      size: v.optional(byteCount),
      digest: v.optional(digestAlgorithm, 'md5'),
      mtime: v.optional(time),
      /** Permission bits the stored file has exactly, whatever was there. */
      mode: v.optional(mode),
      /** Permission bits of a new file, less the server's umask; a file that is replaced keeps its own. */
      createMode: v.optional(mode),
      /** What to do if the name is taken; `rename` keeps it and stores `NAME.new`, then `NAME.new.2` and so on. */
      onExists: v.optional(v.picklist(['overwrite', 'skip', 'rename', 'fail']), 'overwrite'),
      /** DATA and END follow at once, without waiting for `ready`. */
      eager: v.optional(v.boolean(), false),
    }),
    ack: v.variant('status', [
      /** Send the bytes, from `offset` on. */
      v.object({ status: v.literal('ready'), offset: byteCount }),
      /** Nothing was stored: `onExists` is `skip` and the name is taken. Nothing was compared. */
      v.object({ status: v.literal('skipped'), path: v.string() }),
      /** Checked, durable and visible under `path`. */
      v.object({
        status: v.literal('stored'),
        path: v.string(),
        size: byteCount,
        digest: v.optional(digest),
      }),
    ]),
  },
} as const

export type CommandName = keyof typeof COMMANDS
export type CommandShape = (typeof COMMANDS)[CommandName]['shape']

/** A request as its sender writes it: what has a default may be left out. */
export type RequestInput<C extends CommandName> = v.InferInput<(typeof COMMANDS)[C]['request']>
/** A request as its receiver sees it. */
export type RequestOf<C extends CommandName> = v.InferOutput<(typeof COMMANDS)[C]['request']>
/** The facts in a command's ACK. */
export type AckOf<C extends CommandName> = v.InferOutput<(typeof COMMANDS)[C]['ack']>

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

/** A REQUEST payload, its command looked up and its arguments checked later, by `parseArguments`. */
export function parseRequest(payload: Uint8Array): { cmd: string; args: Record<string, unknown> } {
  const { cmd, ...args } = parseJsonPayload(payload)
  if (typeof cmd !== 'string') throw new ProtocolError('bad-request', "bad REQUEST: 'cmd' names no command")
  return { cmd, args }
}

/** Throws `bad-request`, naming the field. */
export function parseArguments<C extends CommandName>(cmd: C, args: Record<string, unknown>): RequestOf<C> {
  return validate(COMMANDS[cmd].request, args, `${cmd} request`, 'bad-request') as RequestOf<C>
}
